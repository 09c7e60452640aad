import Bus
import Logging
import Messages
import ReceiverStore
import ServiceRuntime
import Synchronization

/// Takes the messages that were kept aside when their time has come, and tells what they say of the clock.
struct EarlyTaker: Sendable {
    let store: any Store
    let intake: SideIntake
    let board: NoticeBoard
    let queue: WorkQueue
    let counters: Counters
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    /// Until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await round()
            try? await Task.sleep(for: Limits.earlyTakePause)
        }
    }

    /// What fails (the disk is full, the store locked) is tried again in the next round.
    func round() async {
        do {
            try await takeDue()
            let now = clock()
            let kept = try await queue.run {
                try store.earlyMessages(since: now - Limits.authorsTime.wholeMilliseconds)
            }
            counters.set("messages_early", to: UInt64(clamping: kept.messages))
            try await tell(intake.admission.clocks.notices(early: kept.authors, now: now))
        } catch {
            counters.add("early_failures")
        }
    }

    private func takeDue() async throws {
        var place = EarlyMessage.Place.first
        while !Task.isCancelled {
            let now = clock()
            let due = try await queue.run { [place] in try store.dueMessages(now: now, after: place) }
            guard let last = due.last else { return }
            place = last.place
            // The router may not have said yet which channels this node takes; one that it took no more comes to an end.
            let outlived = now - Limits.earlyGrace.wholeMilliseconds
            let ready = due.filter { one in
                one.place.at < outlived || one.message.map { intake.admission.isWanted($0) } ?? true
            }
            // Else a message that waits for its channel would cost a transaction in every round.
            guard !ready.isEmpty else { continue }
            // Seen first now: the clock that saw it before was perhaps wrong.
            let counts = try await intake.take(
                ready.compactMap(\.message).map { StoredMessage(message: $0, receivedAt: now, channel: nil) })
            try await queue.run { try store.forgetEarly(ready.map(\.id)) }
            guard counts.stored > 0 else { continue }
            counters.add("messages_early_taken", UInt64(counts.stored))
            logger.info("messages whose time had not come were taken", metadata: ["messages": "\(counts.stored)"])
        }
    }

    /// A new position of the store invalidates cached pages, which would not show it.
    private func tell(_ notices: [Notice]) async throws {
        let before = board.clock
        guard notices != before else { return }
        try await queue.run { try store.advancePosition() }
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

/// What this receiver has to tell its operator, read by queries.
final class NoticeBoard: Sendable {
    private let held = Mutex<(store: Notice?, clock: [Notice])>((nil, []))

    var notices: [Notice] { held.withLock { [$0.store].compactMap(\.self) + $0.clock } }

    /// Why nothing can be stored just now.
    var store: Notice? {
        get { held.withLock { $0.store } }
        set { held.withLock { $0.store = newValue } }
    }

    var clock: [Notice] {
        get { held.withLock { $0.clock } }
        set { held.withLock { $0.clock = newValue } }
    }
}
