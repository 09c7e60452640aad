/// Who can't reach whom.
struct NetworkCut: Sendable {
    private var groups: [Int: Int] = [:]
    private var oneWay: [(from: Set<Int>, to: Set<Int>)] = []
    private(set) var isWhole = true

    /// Nodes of different groups don't reach each other. Nodes that are in no group form one more.
    mutating func split(into newGroups: [[Int]]) {
        groups = [:]
        for (group, members) in newGroups.enumerated() {
            for member in members { groups[member] = group + 1 }
        }
        isWhole = groups.isEmpty && oneWay.isEmpty
    }

    mutating func add(from senders: Set<Int>, to receivers: Set<Int>) {
        oneWay.append((senders, receivers))
        isWhole = false
    }

    func severs(_ sender: Int, from receiver: Int) -> Bool {
        guard !isWhole else { return false }
        if groups[sender, default: 0] != groups[receiver, default: 0] { return true }
        return oneWay.contains { $0.from.contains(sender) && $0.to.contains(receiver) }
    }
}
