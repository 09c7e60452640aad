import Bus
import Messages
import ReceiverStore

/// Takes the messages that were kept aside when their time has come, and tells what they say of the clock.
extension Household {
    /// Until the task is cancelled.
    func takeEarly() async {
        while !Task.isCancelled {
            let hasRoom = await lookForDue()
            try? await Task.sleep(for: hasRoom ? Limits.earlyTakePause : Limits.earlyPause)
        }
    }

    /// What fails (the disk is full, the store locked) is tried again in the next round.
    ///
    /// - Returns: false when the disk has no room for some of them just now.
    @discardableResult
    func lookForDue() async -> Bool {
        var hasRoom = true
        do {
            hasRoom = try await takeDue()
            let now = clock()
            let kept = try await early.run {
                try store.earlyMessages(since: now - Limits.authorsTime.wholeMilliseconds)
            }
            counters.set("messages_early", to: UInt64(clamping: kept.messages))
            try await tell(admission.clocks.notices(early: kept.authors, now: now))
        } catch {
            counters.add("early_failures")
        }
        return hasRoom
    }

    private func takeDue() async throws -> Bool {
        var hasRoom = true
        var place = EarlyMessage.Place.first
        while !Task.isCancelled {
            let now = clock()
            let due = try await early.run { [place] in try store.dueMessages(now: now, after: place) }
            guard let last = due.last else { return hasRoom }
            place = last.place
            // The router may not have said yet which channels this node takes; one that it took no more comes to an end.
            let outlived = now - Limits.earlyGrace.wholeMilliseconds
            let ready = due.filter { one in
                one.place.at < outlived || one.message.map { admission.isWanted($0) } ?? true
            }
            let payable = await payable(ready, outlived: outlived)
            // Else a message that waits for its channel, or its turn, would cost a transaction in every round.
            guard !payable.isEmpty else { continue }
            // Seen first now: the clock that saw it before was perhaps wrong.
            let taken = try await take(
                payable.compactMap(\.message).map { StoredMessage(message: $0, receivedAt: now, channel: nil) })
            let done = payable.filter { !taken.postponed.contains($0.id) || $0.place.at < outlived }
            if done.count < payable.count { hasRoom = false }
            try await early.run { try store.forgetEarly(done.map(\.id)) }
            let stored = taken.counts.stored
            guard stored > 0 else { continue }
            counters.add("messages_early_taken", UInt64(stored))
            logger.info("messages whose time had not come were taken", metadata: ["messages": "\(stored)"])
        }
        return hasRoom
    }

    /// Those that the rates have room for: what was kept aside comes as if one peer brought it now. The others wait for a
    /// later round, until they are outlived.
    private func payable(_ ready: [EarlyMessage], outlived: Int64) async -> [EarlyMessage] {
        let standings = await admission.standings.of(Set(ready.compactMap(\.message?.key)))
        return ready.filter { one in
            guard one.place.at >= outlived, let key = one.message?.key else { return true }
            var toll = Toll()
            let standing = standings[key] ?? .settled
            let account = AuthorAccount(key)
            return admission.rates.charge(account, standing, isEarly: false, from: .peer("kept aside"), to: &toll)
                == nil
        }
    }

    /// A new position of the store invalidates cached pages, which would not show it.
    private func tell(_ notices: [Notice]) async throws {
        let before = board.clock
        guard notices != before else { return }
        try await early.run { try store.advancePosition() }
        board.clock = notices
        let isBehind = notices.first { $0.code == "clock_behind" }
        guard (isBehind == nil) != (before.first { $0.code == "clock_behind" } == nil) else { return }
        if let isBehind {
            logger.warning("messages of the mesh are kept aside", metadata: ["because": "\(isBehind.text)"])
        } else {
            logger.notice("the messages of the mesh are dated as this clock is")
        }
    }
}
