import Messages
import ServiceRuntime

/// How much a visitor may write and search. The address of a visitor behind a trusted proxy is what the proxy says.
struct VisitorLimits: Sendable {
    private let places: RateLimiter<[UInt8]>?
    private let keys: RateLimiter<String>?
    /// All programs on this machine together.
    private let local = RateLimiter<Bool>(Limits.localRate, capacity: 1)
    /// A search costs a store more than a page.
    private let searches = RateLimiter<[UInt8]>(Limits.searchRate, capacity: Limits.rememberedVisitors)
    private let streams = Shares<[UInt8]>()
    private let bodies = Shares<[UInt8]>()
    let searchPlaces = SearchPlaces()
    /// What streams missed; all programs on this machine together are one visitor.
    private let missed = RateLimiter<[UInt8]?>(Limits.missedRate, capacity: Limits.rememberedVisitors)

    /// - Parameter rate: of messages, for each address, and for each key; nil: none.
    init(_ rate: Rate?) {
        places = rate.map { RateLimiter($0, capacity: Limits.rememberedVisitors) }
        keys = rate.map { RateLimiter($0, capacity: Limits.rememberedVisitors) }
    }

    /// - Throws: 429 when the visitor has written too much.
    func admit(_ visitor: Visitor) throws(Problem) {
        guard let place = visitor.place else {
            guard places != nil, !local.allows(true, now: .now) else { return }
            throw .tooManyMessages(after: local.secondsForOne, of: "this machine")
        }
        guard let places, !places.allows(place, now: .now) else { return }
        throw .tooManyMessages(after: places.secondsForOne, of: "this network address")
    }

    /// - Throws: 429 when messages of this key came too often from visitors.
    func admit(_ key: PublicKey, of visitor: Visitor) throws(Problem) {
        guard visitor != .local, let keys, !keys.allows(key.text, now: .now) else { return }
        throw .tooManyMessages(after: keys.secondsForOne, of: "this key")
    }

    /// - Parameter peer: who sent the request; programs on this machine are told apart by their address.
    /// - Returns: what the stream has to keep as long as it is open.
    /// - Throws: 429.
    func admitStream(of visitor: Visitor, from peer: Peer) throws(Problem) -> Shares<[UInt8]>.Share {
        let place = visitor.place ?? peer.place
        let most = visitor == .unnamed ? Limits.unnamedStreams : Limits.visitorStreams
        if let share = streams.take(by: place, most: most) { return share }
        throw .tooManyStreams
    }

    /// - Returns: what has to be kept while the body comes; nil for a program on this machine.
    /// - Throws: 429.
    func admitBody(of visitor: Visitor) throws(Problem) -> Shares<[UInt8]>.Share? {
        guard let place = visitor.place else { return nil }
        if let share = bodies.take(by: place, most: Limits.visitorBodies) { return share }
        throw .tooManyBodies
    }

    /// - Parameter visitor: a program on this machine may search as it likes.
    /// - Throws: 429.
    func admitSearch(of visitor: Visitor, now: ContinuousClock.Instant = .now) throws(Problem) {
        guard let place = visitor.place, !searches.allows(place, now: now) else { return }
        throw .tooManySearches(after: searches.secondsForOne)
    }

    /// Whether a visitor may be sent so many messages that a stream missed.
    func admitMissed(_ messages: Int, of visitor: Visitor, now: ContinuousClock.Instant = .now) -> Bool {
        missed.allows(visitor.place, costing: Double(messages), now: now)
    }
}

extension Visitor {
    /// Where a visitor comes from; nothing for those of no place that is known, which is one place. Nil for a program on this
    /// machine.
    var place: [UInt8]? {
        switch self {
        case .local: nil
        case .at(let address): address.place
        case .unnamed: []
        }
    }

    /// The same, where the networks of one household or company are one.
    var site: [UInt8]? { if case .at(let address) = self { address.site } else { place } }
}
