import Bus
import Messages
import ReceiverStore

/// Takes messages that don't come from the router: another store's, or an export's. They are checked as strictly as what
/// comes from the mesh, as their source may be older or more lenient than this store; only rates do not bind them.
extension Household {
    /// - Returns: what became of them, when it is durable.
    /// - Throws: ``StoreError``: nothing of it was written.
    func take(_ messages: [StoredMessage]) async throws(StoreError) -> ImportCounts {
        let known = try await store.stored(among: messages.map(\.message.id))
        return try await intake.run { try take(messages, known: known) }
    }

    /// The first row whose author's time cannot be yet: one of the two clocks is wrong, perhaps ours.
    func firstEarly(_ rows: [Row]) -> Row? {
        let now = clock()
        return rows.first { row in
            admission.isWanted(row.stored.message) && (try? row.stored.message.checkTime(now: now)) == nil
        }
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
            case .refused(let refusal), .failed(let refusal): counts.refused[refusal.code, default: 0] += 1
            }
        }
        if !committed.rows.isEmpty { announce(committed) }
        return counts
    }

    private func refusal(of stored: StoredMessage, now: Int64) -> Refusal? {
        let message = stored.message
        if let refusal = admission.refusal(of: message, receivedAt: stored.receivedAt, now: now) {
            return refusal
        }
        do throws(MessageError) {
            try message.checkTime(now: now)
            try message.checkSignature()
        } catch {
            return Refusal(error)
        }
        return nil
    }
}
