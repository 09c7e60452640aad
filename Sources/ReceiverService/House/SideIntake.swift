import Bus
import Messages
import ReceiverStore

/// Takes messages that don't come from the router: another store's, or an export's. They are checked as strictly as what
/// comes from the mesh, as their source may be older or more lenient than this store; only rates do not bind them.
struct SideIntake: Sendable {
    private let store: any Storing
    private let channels: KeptChannels
    private let refuses2011: Bool
    private let policy: Policy
    private let clocks: ClockWatch
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int64
    /// Gets what was new, to be announced.
    private let announce: @Sendable (Committed) -> Void
    private let queue: WorkQueue

    init(
        store: any Storing, channels: KeptChannels, refuses2011: Bool, policy: Policy, clocks: ClockWatch,
        queue: WorkQueue, clock: @escaping @Sendable () -> Int64, announce: @escaping @Sendable (Committed) -> Void
    ) {
        self.store = store
        self.channels = channels
        self.refuses2011 = refuses2011
        self.policy = policy
        self.clocks = clocks
        self.queue = queue
        self.clock = clock
        self.announce = announce
    }

    /// - Returns: what became of them, when it is durable.
    /// - Throws: ``StoreError``: nothing of it was written.
    func take(_ messages: [StoredMessage]) async throws(StoreError) -> ImportCounts {
        let known = try await store.stored(among: messages.map(\.message.id))
        return try await queue.run { () throws(StoreError) in try take(messages, known: known) }
    }

    /// The first row whose author's time cannot be yet: one of the two clocks is wrong, perhaps ours.
    func firstEarly(_ rows: [Row]) -> Row? {
        let now = clock()
        return rows.first { row in
            isWanted(row.stored.message) && (try? row.stored.message.checkTime(now: now)) == nil
        }
    }

    /// Whether this receiver takes such messages at all.
    func isWanted(_ message: SignedMessage) -> Bool {
        channels.contains(message.end) && !(refuses2011 && message.scheme == .legacy)
    }

    private func take(_ messages: [StoredMessage], known: Set<MessageID>) throws(StoreError) -> ImportCounts {
        var counts = ImportCounts()
        let now = clock()
        var missing: [Incoming] = []
        for stored in messages {
            if known.contains(stored.message.id) {
                counts.duplicates += 1
            } else if let refusal = refusal(of: stored, now: now) {
                counts.refused[refusal.code, default: 0] += 1
            } else {
                // First seen when it was seen there: a 2011 message has no other place in the order of the wall.
                missing.append(Incoming(message: stored.message, receivedAt: min(stored.receivedAt, now)))
            }
        }
        guard !missing.isEmpty else { return counts }
        let committed = try store.commit(missing)
        for outcome in committed.outcomes {
            switch outcome {
            case .stored: counts.stored += 1
            case .duplicate: counts.duplicates += 1
            case .refused(let refusal): counts.refused[refusal.code, default: 0] += 1
            }
        }
        if !committed.rows.isEmpty { announce(committed) }
        return counts
    }

    private func refusal(of stored: StoredMessage, now: Int64) -> Refusal? {
        let message = stored.message
        guard channels.contains(message.end) else { return .channelUnknown }
        if refuses2011, message.scheme == .legacy { return .weakSignature }
        if let refusal = clocks.refusal(of: message, receivedAt: stored.receivedAt, now: now) { return refusal }
        if let refusal = policy.refusal(of: message, from: .client) { return refusal }
        do throws(MessageError) {
            try message.checkTime(now: now)
            try message.checkSignature()
        } catch {
            return Refusal(error)
        }
        return nil
    }
}
