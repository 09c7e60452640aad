import Bus
import Messages
import ReceiverStore

/// Takes messages that don't come from the router: another store's, or an export's. They are checked as strictly as what
/// comes from the mesh, as their source may be older or more lenient than this store; only rates do not bind them.
extension Household {
    struct Taken: Sendable {
        var counts = ImportCounts()
        /// Those of strangers, for whom the disk has no room just now. They may be given again, as with a full disk.
        var postponed: Set<MessageID> = []
    }

    /// - Returns: what became of them, when it is durable.
    /// - Throws: ``StoreError``: nothing of it was written.
    func take(_ messages: [StoredMessage]) async throws(StoreError) -> Taken {
        let known = try await store.stored(among: messages.map(\.message.id))
        return try await intake.run { try take(messages, known: known) }
    }

    /// The first row that has to be read again, as it can't be taken yet, and why.
    func firstToAwait(_ rows: [Row], _ taken: Taken) -> (row: Row, reason: HeldPlaces.Reason)? {
        let early = firstEarly(rows)
        let postponed = rows.first { taken.postponed.contains($0.stored.message.id) }
        guard let postponed, postponed.position < early?.position ?? .max else { return early.map { ($0, .early) } }
        return (postponed, .noRoom)
    }

    /// The first row whose author's time cannot be yet: one of the two clocks is wrong, perhaps ours.
    private func firstEarly(_ rows: [Row]) -> Row? {
        let now = clock()
        return rows.first { row in
            admission.isWanted(row.stored.message) && (try? row.stored.message.checkTime(now: now)) == nil
        }
    }

    private func take(_ messages: [StoredMessage], known: Set<MessageID>) throws(StoreError) -> Taken {
        var taken = Taken()
        let now = clock()
        var missing: [Incoming] = []
        for given in messages {
            // First seen when it was seen there: a 2011 message has no other place in the order of the wall. But it is anybody's
            // word, and may be no time at all.
            let seen = min(max(given.receivedAt, 0), now)
            let stored = StoredMessage(message: given.message, receivedAt: seen, channel: given.channel)
            if known.contains(stored.message.id) {
                taken.counts.duplicates += 1
            } else if let refusal = refusal(of: stored, now: now) {
                taken.counts.refused[refusal.code, default: 0] += 1
            } else {
                missing.append(Incoming(message: stored.message, receivedAt: seen))
            }
        }
        guard !missing.isEmpty else { return taken }
        let committed = try store.commit(missing)
        for (incoming, outcome) in zip(missing, committed.outcomes) {
            switch outcome {
            case .stored: taken.counts.stored += 1
            case .duplicate: taken.counts.duplicates += 1
            case .refused(let refusal), .failed(let refusal):
                taken.counts.refused[refusal.code, default: 0] += 1
                if refusal.code == Refusal.storeNearlyFull.code { taken.postponed.insert(incoming.message.id) }
            }
        }
        if !committed.rows.isEmpty { announce(committed) }
        return taken
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
