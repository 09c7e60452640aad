import MeshSimulator

extension Mesh {
    /// Cuts the network: nodes of different groups don't reach each other. Nodes that are in no group form one more.
    package mutating func split(into groups: [[Int]]) {
        var group: [Int: Int] = [:]
        for (number, members) in groups.enumerated() {
            for member in members { group[member] = number + 1 }
        }
        cut { [group] in group[$0, default: 0] != group[$1, default: 0] }
    }

    /// Cuts the network in one direction: what the first nodes send does not reach the others, who don't notice.
    package mutating func cut(from senders: Set<Int>, to receivers: Set<Int>) {
        cut { senders.contains($0) && receivers.contains($1) }
    }

    /// Ends all cuts. What was lost stays lost.
    package mutating func heal() { isCut = nil }

    /// Beside the cuts that there are.
    private mutating func cut(_ severs: @escaping @Sendable (Int, Int) -> Bool) {
        let earlier = isCut
        isCut = { severs($0, $1) || earlier?($0, $1) ?? false }
    }
}
