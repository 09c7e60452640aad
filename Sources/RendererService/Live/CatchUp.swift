import Bus
import BusClient
import Messages

/// Completes a stream that comes back, from its store.
///
/// Nothing is missed: what the store has behind that place, and what other stores told the hub since. The message at that
/// place says when that was. What is hidden by now is in no store's answer, whenever the hub heard of it.
struct CatchUp {
    private let wall: any Wall
    private let last: EventID
    private let recent: [FeedMessage]
    private let admit: @Sendable (Int) -> Bool

    /// Where the store's part ends; live events up to there were sent already.
    private var reached: UInt64
    private var sent: Set<MessageID> = []

    /// - Parameters:
    ///   - recent: what the hub has heard from other stores.
    ///   - admit: whether the reader may have so many.
    init(
        wall: any Wall, after last: EventID, recent: [FeedMessage],
        admit: @escaping @Sendable (Int) -> Bool = { _ in true }
    ) {
        self.admit = admit
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
        // Nothing is behind the last place: how far it is costs next to nothing, however far that is.
        let standing = try await rows(of: last.store, after: UInt64(Int64.max), limit: 1)
        let now = EventID(store: last.store, position: standing.position)
        guard standing.position >= last.position, standing.position - last.position <= Limits.catchUpMessages,
            admit(max(1, Int(standing.position - last.position)))
        else { throw Failure.beyondReach(now) }
        guard standing.position > last.position || !recent.isEmpty else { return }
        try await sendOthers(since: try await sendOwn(send), now, send)
    }

    /// - Returns: when the last message that the reader has came to the store; nil where that is not known.
    private mutating func sendOwn(_ send: (FeedMessage) async throws -> Void) async throws -> Int64? {
        var lastReceivedAt: Int64?
        // From one place earlier, so that the last message that the reader has comes too.
        var from = last.position > 0 ? last.position - 1 : 0
        var more = true
        while more {
            guard sent.count <= Limits.catchUpMessages else { throw Failure.beyondReach(nil) }
            let part = try await rows(of: last.store, after: from, limit: Limits.catchUpMessages + 1)
            more = part.more
            // An answer that does not lead on is the last one, whatever it says.
            guard let newest = part.rows.last?.position, newest > from else { break }
            from = newest
            for row in part.rows {
                guard row.position > last.position else {
                    lastReceivedAt = row.stored.receivedAt
                    continue
                }
                reached = row.position
                sent.insert(row.stored.message.id)
                try await send(FeedMessage(store: last.store, row: row))
            }
        }
        return last.position == 0 ? 0 : lastReceivedAt
    }

    /// What the hub heard from other stores and this one may not have yet, as those stores show it now.
    private mutating func sendOthers(
        since time: Int64?, _ now: EventID, _ send: (FeedMessage) async throws -> Void
    ) async throws {
        let unsent = recent.filter { !sent.contains($0.stored.message.id) }
        guard !unsent.isEmpty else { return }
        // The last message that the reader has may be hidden or gone by now: which came after it nobody can tell.
        guard let time else { throw Failure.beyondReach(now) }
        let missing = unsent.filter { $0.stored.receivedAt > time }
        guard missing.isEmpty || admit(missing.count) else { throw Failure.beyondReach(now) }
        let places = Dictionary(grouping: missing, by: \.store).mapValues { $0.map(\.position) }
        for (store, places) in places.sorted(by: { $0.key.description < $1.key.description }) {
            guard let first = places.min(), let newest = places.max() else { continue }
            let part = try await rows(of: store, after: first - min(first, 1), limit: Limits.catchUpMessages + 1)
            guard !part.more || part.rows.last.map({ $0.position >= newest }) == true else {
                throw Failure.beyondReach(nil)
            }
            for row in part.rows where places.contains(row.position) {
                guard sent.insert(row.stored.message.id).inserted else { continue }
                try await send(FeedMessage(store: store, row: row))
            }
        }
    }

    private func rows(
        of store: StoreID, after position: UInt64, limit: UInt64
    ) async throws -> (rows: [Row], more: Bool, position: UInt64) {
        let answer: Answer
        do throws(WallError) {
            answer = try await wall.query(.after(position: position, limit: UInt32(clamping: limit)), of: store)
        } catch {
            throw Failure.beyondReach(nil)
        }
        guard answer.store == store, let page = answer.body.page else { throw Failure.beyondReach(EventID(of: answer)) }
        return (page.rows, page.more, answer.position)
    }

    /// Whether everything up to a place of the store was sent, or was there before.
    func hasReached(_ place: EventID) -> Bool { place.store == last.store && place.position <= reached }

    func hasSent(_ committed: FeedMessage) -> Bool {
        hasReached(committed.eventID) || sent.contains(committed.row.stored.message.id)
    }
}
