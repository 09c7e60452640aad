import Messages
import TestSupport

/// How far messages came: whether each is in the store of every node.
struct Spread: Sendable {
    /// Messages times nodes other than their author's.
    var wanted = 0
    var reached = 0
    /// The nodes that miss some, and how many.
    var missing: [String: Int] = [:]
    /// From the last receipt until nothing was missing any more, or until we stopped waiting.
    var took = Duration.zero

    var ratio: Double { wanted == 0 ? 1 : Double(reached) / Double(wanted) }
    var summary: String { "\(percent(ratio)) of \(wanted)" }
}

/// A share with two digits after the point that never rounds up to 100 %.
func percent(_ share: Double) -> String {
    let hundredths = Int(share * 10_000)
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
}

/// What the nodes of a mesh wrote.
struct Publications: Sendable {
    private(set) var byNode: [[MessageID]]
    /// Messages whose receipt did not come, or was not complete.
    private(set) var failed = 0

    var count: Int { byNode.reduce(0) { $0 + $1.count } }

    /// Lets every node publish at a steady pace, whatever becomes of it, until all have their receipts.
    static func write(
        _ count: Int, onEachOf nodes: [MeshNode], perSecond rate: Double, _ label: String
    ) async throws -> Publications {
        var all = Publications(byNode: nodes.map { _ in [] })
        try await withThrowingTaskGroup(of: (Int, MessageID?).self) { group in
            var due = ContinuousClock.now
            for number in 0..<count {
                for (index, node) in nodes.enumerated() {
                    group.addTask {
                        let receipt = try? await node.publish("\(label), message \(number) of \(node.name)")
                        return (index, receipt.flatMap { $0.complete ? $0.id : nil })
                    }
                }
                due += .seconds(1 / rate)
                try await letTimePass(ContinuousClock.now.duration(to: due))
            }
            for try await (index, id) in group {
                if let id { all.byNode[index].append(id) } else { all.failed += 1 }
            }
        }
        return all
    }

    /// Looks into the stores until everything is everywhere, at most for `limit`.
    func spread(over nodes: [MeshNode], within limit: Duration) async throws -> Spread {
        let start = ContinuousClock.now
        var held = nodes.map { _ in (ids: Set<MessageID>(), position: UInt64(0)) }
        var spread = Spread()
        repeat {
            for (index, node) in nodes.enumerated() {
                // Who is busy now is asked again.
                guard let more = try? await node.stored(after: held[index].position) else { continue }
                held[index].ids.formUnion(more.ids)
                held[index].position = more.position
            }
            spread = count(held.map(\.ids), of: nodes)
            spread.took = start.duration(to: .now)
            if spread.reached == spread.wanted { break }
            try await letTimePass(.milliseconds(100))
        } while ContinuousClock.now < start + limit
        return spread
    }

    private func count(_ held: [Set<MessageID>], of nodes: [MeshNode]) -> Spread {
        var spread = Spread()
        for (reader, node) in nodes.enumerated() {
            for (author, ids) in byNode.enumerated() where author != reader {
                let reached = ids.count { held[reader].contains($0) }
                spread.wanted += ids.count
                spread.reached += reached
                if reached < ids.count { spread.missing[node.name, default: 0] += ids.count - reached }
            }
        }
        return spread
    }
}
