import Bus
import Dispatch
import Messages

/// Checks and stores what another store has, as strictly as what comes from the mesh: a store may be older or more
/// lenient than this one.
struct ReplicaIntake: Sendable {
    let store: any Storing
    let ends: Set<EndHash>
    let refuses2011: Bool
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    /// Gets what was new, to be announced.
    let announce: @Sendable (Committed) -> Void
    // Signatures and transactions take milliseconds, which tasks must not.
    private let queue = DispatchQueue(label: "receiver.replica")

    init(
        store: any Storing, channels: [Channel], refuses2011: Bool, clock: @escaping @Sendable () -> Int64,
        announce: @escaping @Sendable (Committed) -> Void
    ) {
        self.store = store
        ends = Set(channels.map(\.end))
        self.refuses2011 = refuses2011
        self.clock = clock
        self.announce = announce
    }

    /// - Returns: how many of the rows were missing here and are durable now.
    func take(_ rows: [Row]) async throws -> Int {
        try await withCheckedThrowingContinuation { done in
            queue.async { done.resume(with: Result { try store(rows) }) }
        }
    }

    /// The first row whose author's time cannot be yet: one of the two clocks is wrong, perhaps ours.
    func firstEarly(_ rows: [Row]) -> Row? {
        let now = clock()
        return rows.first { row in
            isWanted(row.stored.message) && (try? row.stored.message.checkTime(now: now)) == nil
        }
    }

    private func store(_ rows: [Row]) throws -> Int {
        let wanted = rows.filter { isWanted($0.stored.message) }
        let known = try store.stored(among: wanted.map(\.stored.message.id))
        let now = clock()
        let missing = wanted.filter { row in
            let message = row.stored.message
            guard !known.contains(message.id), message.isSignatureValid() else { return false }
            return (try? message.checkTime(now: now)) != nil
        }
        guard !missing.isEmpty else { return 0 }
        // First seen when the other store saw it: a 2011 message has no other place in the order of the wall.
        let committed = try store.commit(
            missing.map { Incoming(message: $0.stored.message, receivedAt: min($0.stored.receivedAt, now)) })
        if !committed.rows.isEmpty { announce(committed) }
        return committed.rows.count
    }

    private func isWanted(_ message: SignedMessage) -> Bool {
        ends.contains(message.end) && !(refuses2011 && message.scheme == .legacy)
    }
}
