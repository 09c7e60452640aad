import Bus
import BusClient
import Messages
import Synchronization
import TelehashWire
import TextSearch

@testable import RendererService

/// A node in memory: one store (or, with ``commit(_:in:)``, several) that answers as the contract of the bus says.
final class ModelWall: Wall {
    private struct State {
        var stores: [StoreID: [Row]] = [:]
        var fed: Set<MessageID> = []
        var hidden: Set<MessageID> = []
        var followers: [AsyncStream<FeedEvent>.Continuation] = []
        var failure: WallError?
        var notices: [Notice] = []
        var receipt: Receipt?
        var queries = 0
        var published: [SignedMessage] = []
        var unkept: Set<Channel> = []
        var searchRefusal: Refusal?
    }

    let store: StoreID
    private let state = Mutex(State())
    private let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64 = { Fixture.now }) {
        store = ModelWall.newStore()
        self.now = now
        state.withLock { $0.stores[store] = [] }
    }

    static func newStore() -> StoreID {
        var random = SystemRandomNumberGenerator()
        return StoreID(UniqueID(using: &random))
    }

    // MARK: what tests do to it

    /// Nil heals it.
    func fail(with error: WallError?) { state.withLock { $0.failure = error } }

    /// Nil: they are answered again.
    func refuseSearches(with refusal: Refusal?) { state.withLock { $0.searchRefusal = refusal } }

    /// What the receiver has to tell its operator.
    func tell(_ notices: [Notice]) { state.withLock { $0.notices = notices } }

    /// What publishing answers from now on, without storing anything.
    func answerPublishing(with receipt: Receipt?) { state.withLock { $0.receipt = receipt } }

    /// No store takes this channel.
    func doNotKeep(_ channel: Channel) { state.withLock { _ = $0.unkept.insert(channel) } }

    var queries: Int { state.withLock { $0.queries } }
    var published: [SignedMessage] { state.withLock { $0.published } }

    /// Whether somebody follows the feed.
    var isFollowed: Bool { state.withLock { !$0.followers.isEmpty } }

    @discardableResult
    func commit(
        _ message: SignedMessage, receivedAt: Int64? = nil, in store: StoreID? = nil, isFed: Bool = true,
        author: AuthorName = .none
    ) -> FeedMessage {
        state.withLock { state in
            let store = store ?? self.store
            let rows = state.stores[store, default: []]
            let known = [Channel.tweets, try? Channel("cats")].compactMap { $0 }.first { $0.end == message.end }
            let row = Row(
                position: (rows.last?.position ?? 0) + 1,
                stored: StoredMessage(
                    message: message, receivedAt: receivedAt ?? message.at ?? now(), channel: known?.name),
                author: author)
            state.stores[store] = rows + [row]
            let committed = FeedMessage(store: store, row: row)
            if isFed, state.fed.insert(message.id).inserted {
                for follower in state.followers { follower.yield(.messages([committed])) }
            }
            return committed
        }
    }

    /// As when the operator hides a message: the store's place stays what it was.
    func hide(_ id: MessageID) { set(id, isHidden: true) }

    func show(_ id: MessageID) { set(id, isHidden: false) }

    private func set(_ id: MessageID, isHidden: Bool) {
        state.withLock { state in
            if isHidden { state.hidden.insert(id) } else { state.hidden.remove(id) }
            for follower in state.followers {
                follower.yield(.rules([Rule(subject: .message(id), isActive: isHidden, at: 1)]))
            }
        }
    }

    /// As when the feed has lost something.
    func breakFeed() { state.withLock { state in for follower in state.followers { follower.yield(.reset) } } }

    // MARK: Wall

    func query(_ query: Query, of store: StoreID?) async throws(WallError) -> Answer {
        let result: Result<Answer, WallError> = state.withLock { state in
            state.queries += 1
            if let failure = state.failure { return .failure(failure) }
            if query.isSearch, let refusal = state.searchRefusal { return .failure(.refused(refusal)) }
            let store = store ?? self.store
            guard let rows = state.stores[store] else { return .failure(.unavailable("no receiver of that store")) }
            return .success(
                Answer(
                    store: store, position: rows.last?.position ?? 0,
                    body: ModelWall.answer(query, from: rows.filter { !state.hidden.contains($0.stored.message.id) })
                ).with(state.notices))
        }
        return try result.get()
    }

    func publish(_ message: SignedMessage) async throws(WallError) -> Receipt {
        let (failure, receipt) = state.withLock { state in
            state.published.append(message)
            return (state.failure, state.receipt)
        }
        if let failure { throw failure }
        if let receipt { return receipt }
        commit(message, receivedAt: now())
        return Receipt(id: message.id, stored: [store], relayed: 0, complete: true)
    }

    func feed() -> AsyncStream<FeedEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: FeedEvent.self)
        state.withLock { $0.followers.append(continuation) }
        return stream
    }

    func keeps(_ end: NodeID) async -> Bool? { state.withLock { !$0.unkept.contains { $0.end == end } } }

    func missing() async -> String? { state.withLock { $0.failure?.description } }

    private static func answer(_ query: Query, from rows: [Row]) -> Answer.Body {
        switch query {
        case .timeline(let timeline):
            let matching = rows.filter { row in
                let message = row.stored.message
                return timeline.before.map { row.stored.cursor < $0 } ?? true
                    && timeline.since.map { row.stored.sortTime >= $0 } ?? true
                    && timeline.end.map { message.end == $0 } ?? true
                    && timeline.author.map { message.key == $0 } ?? true
                    && timeline.search.map { SearchPattern($0).holds(for: message.text) } ?? true
            }.sorted { $0.stored.cursor > $1.stored.cursor }
            return .rows(Array(matching.prefix(Int(timeline.limit))), more: matching.count > Int(timeline.limit))
        case .message(let id): return .rows(rows.filter { $0.stored.message.id == id }, more: false)
        case .after(let position, let limit):
            let later = rows.filter { $0.position > position }
            return .rows(Array(later.prefix(Int(limit))), more: later.count > Int(limit))
        case .summary:
            return .summary(
                Summary(
                    messages: UInt64(rows.count), hidden: 0, authors: UInt64(Set(rows.map(\.stored.message.key)).count),
                    channels: ModelWall.channels(of: rows), bytes: 0))
        case .rules: return .rules([], more: false)
        case .find(let sought): return .found(ModelWall.find(sought, in: rows))
        case .channels: return .channels([])
        }
    }

    private static func find(_ sought: Query.Sought, in rows: [Row]) -> [Candidate] {
        let found: [Candidate] = rows.compactMap { row in
            let (id, key) = (row.stored.message.id, row.stored.message.key)
            switch sought {
            case .message(let prefix): return id.hex.hasPrefix(prefix) ? .message(id) : nil
            case .key(let prefix, let suffix):
                return key.text.hasPrefix(prefix) && key.text.hasSuffix(suffix) ? .author(key, row.author) : nil
            case .name(let name):
                let names = [row.author.pinned, row.author.claimed]
                return names.contains(name) ? .author(key, row.author) : nil
            }
        }
        return Array(Set(found).prefix(BusLimits.candidates))
    }

    private static func channels(of rows: [Row]) -> [ChannelCount] {
        Dictionary(grouping: rows, by: \.stored.message.end).map { end, rows in
            ChannelCount(end: end, name: rows[0].stored.channel, messages: UInt64(rows.count))
        }
    }
}
