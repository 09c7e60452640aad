import Bus
import BusClient
import Messages

/// Completes a stream that comes back from its store, when the hub does not remember its last event.
///
/// Nothing is missed: what the store has behind that place, and what other stores told the hub since. The message at that
/// place says when that was.
struct CatchUp {
    private let wall: any Wall
    private let last: EventID
    private let recent: [FeedMessage]

    /// Where the store's part ends; live events up to there were sent already.
    private var reached: UInt64
    private var sent: Set<MessageID> = []

    init(wall: any Wall, after last: EventID, recent: [FeedMessage]) {
        self.wall = wall
        self.last = last
        self.recent = recent
        reached = last.position
    }

    enum Failure: Error {
        /// The store is not here (any more), or too much was missed: only the page can tell.
        case beyondReach(EventID?)
    }

    /// Calls `send` for every missed message, oldest first.
    mutating func run(_ send: (FeedMessage) async throws -> Void) async throws {
        var lastReceivedAt: Int64?
        // From one place earlier, so that the last message that the reader has comes too.
        var from = last.position > 0 ? last.position - 1 : 0
        var more = true
        while more {
            guard sent.count <= Limits.catchUpMessages else { throw Failure.beyondReach(nil) }
            let rows: [Row]
            (rows, more) = try await page(after: from)
            // An answer that does not lead on is the last one, whatever it says.
            guard let newest = rows.last?.position, newest > from else { break }
            from = newest
            for row in rows {
                guard row.position > last.position else {
                    lastReceivedAt = row.stored.receivedAt
                    continue
                }
                reached = row.position
                sent.insert(row.stored.message.id)
                try await send(FeedMessage(store: last.store, row: row))
            }
        }
        try await sendOthers(since: lastReceivedAt, send)
    }

    /// What the hub heard from other stores and this one may not have yet.
    private mutating func sendOthers(
        since time: Int64?, _ send: (FeedMessage) async throws -> Void
    ) async throws {
        guard let time = last.position == 0 ? 0 : time else { return }
        for committed in recent where committed.store != last.store && committed.row.stored.receivedAt > time {
            guard sent.insert(committed.row.stored.message.id).inserted else { continue }
            try await send(committed)
        }
    }

    private func page(after position: UInt64) async throws -> (rows: [Row], more: Bool) {
        let answer: Answer
        do throws(WallError) {
            answer = try await wall.query(.after(position: position, limit: UInt32(BusLimits.pageRows)), of: last.store)
        } catch {
            throw Failure.beyondReach(nil)
        }
        let now = EventID(of: answer)
        guard answer.store == last.store, answer.position >= last.position, case .rows(let rows, let more) = answer.body
        else { throw Failure.beyondReach(now) }
        guard answer.position - last.position <= Limits.catchUpMessages else { throw Failure.beyondReach(now) }
        return (rows, more)
    }

    func hasSent(_ committed: FeedMessage) -> Bool {
        (committed.store == last.store && committed.row.position <= reached)
            || sent.contains(committed.row.stored.message.id)
    }
}
