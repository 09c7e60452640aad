import Bus
import BusClient
import ReceiverStore

/// Takes over what an operator told another store of the node: one that was away when a message was hidden, or that is
/// new, must not show it. The newest word about a subject counts.
struct RuleExchange: Sendable {
    let client: BusClient
    let store: any Store
    let queue: WorkQueue

    /// Reads all rules of the other store.
    ///
    /// - Returns: how many were news.
    func read(_ other: StoreID) async throws -> Int {
        var news = 0
        for kind in Rule.Kind.allCases { news += try await read(kind, of: other) }
        return news
    }

    private func read(_ kind: Rule.Kind, of other: StoreID) async throws -> Int {
        var news = 0
        var last: [UInt8]?
        while !Task.isCancelled {
            let query = Query.rules(kind, after: last, limit: UInt32(BusLimits.rules))
            let answer = try await client.query(query, of: other)
            guard case .rules(let rules, let more) = answer.body else { break }
            news += try await queue.run { try store.adopt(rules) }
            last = rules.last?.subjectBytes
            guard more, last != nil else { break }
        }
        return news
    }
}
