import Messages
import ServiceRuntime

/// How much a visitor may write and search. The address of a visitor behind a trusted proxy is what the proxy says.
struct VisitorLimits: Sendable {
    private let places: RateLimiter<[UInt8]>?
    private let sites: RateLimiter<[UInt8]>?
    private let keys: RateLimiter<AuthorAccount>?
    /// All visitors together; who writes seldom is admitted beyond that.
    private let all = RateLimiter<Bool>(Limits.visitorsRate, capacity: 1)
    private let seldom = RateLimiter<[UInt8]>(Limits.seldomRate, capacity: Limits.rememberedVisitors)
    /// All programs on this machine together.
    private let local = RateLimiter<Bool>(Limits.localRate, capacity: 1)
    /// A search costs a store more than a page.
    private let searches = RateLimiter<[UInt8]>(Limits.searchRate, capacity: Limits.rememberedVisitors)
    /// Lines of the log about what strangers did.
    private let notices = RateLimiter<Bool>(Limits.noticeRate, capacity: 1)
    private let streams = Shares<[UInt8]>()
    private let bodies = Shares<[UInt8]>()
    let searchPlaces = SearchPlaces()
    /// Messages that were rendered for one visitor.
    private let rendered = RateLimiter<[UInt8]>(Limits.renderedRate, capacity: Limits.rememberedVisitors)
    /// What streams missed; all programs on this machine together are one visitor.
    private let missed = RateLimiter<[UInt8]?>(Limits.missedRate, capacity: Limits.rememberedVisitors)

    /// - Parameter rate: of messages, for each address, and for each key; nil: none.
    init(_ rate: Rate?) {
        places = rate.map { RateLimiter($0, capacity: Limits.rememberedVisitors) }
        sites = rate.map { RateLimiter($0.part(Limits.siteRates), capacity: Limits.rememberedVisitors) }
        keys = rate.map { RateLimiter($0, capacity: Limits.rememberedVisitors) }
    }

    /// - Throws: 429 when the visitor has written too much.
    func admit(_ visitor: Visitor, now: ContinuousClock.Instant = .now) throws(Problem) {
        guard let place = visitor.place else {
            guard places != nil, !local.allows(true, now: now) else { return }
            throw .tooManyMessages(after: local.secondsForOne, of: "this machine")
        }
        guard let places, let sites, let site = visitor.site else { return }
        guard places.allows(place, now: now) else {
            throw .tooManyMessages(after: places.secondsForOne, of: "this network address")
        }
        guard sites.allows(site, now: now) else {
            places.giveBack(place)
            throw .tooManyMessages(after: sites.secondsForOne, of: "this network")
        }
        guard all.allows(true, now: now) || seldom.allows(site, now: now) else {
            places.giveBack(place)
            sites.giveBack(site)
            throw .manyWrite
        }
    }

    /// - Throws: 429 when such messages of this author came too often from visitors.
    func admit(_ account: AuthorAccount, of visitor: Visitor) throws(Problem) {
        guard visitor != .local, let keys, !keys.allows(account, now: .now) else { return }
        throw .tooManyMessages(after: keys.secondsForOne, of: "this key")
    }

    /// What was admitted was not stored.
    func giveBack(_ account: AuthorAccount, of visitor: Visitor) {
        if visitor != .local { keys?.giveBack(account) }
    }

    /// Whether what strangers did may be logged once more.
    func admitNotice(now: ContinuousClock.Instant = .now) -> Bool { notices.allows(true, now: now) }

    /// - Parameter peer: who sent the request; programs on this machine are told apart by their address.
    /// - Returns: what the stream has to keep as long as it is open.
    /// - Throws: 429.
    func admitStream(of visitor: Visitor, from peer: Peer) throws(Problem) -> Shares<[UInt8]>.Share {
        let place = visitor.place ?? peer.place
        let most = visitor == .unnamed ? Limits.unnamedStreams : Limits.visitorStreams
        var outer: Shares<[UInt8]>.Share?
        if let site = visitor.site, site != place {
            outer = streams.take(by: site, most: Limits.siteStreams)
            if outer == nil { throw .tooManyStreams }
        }
        guard let share = streams.take(by: place, most: most, in: outer) else { throw .tooManyStreams }
        return share
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

    /// - Parameter visitor: a program on this machine may read as it likes.
    /// - Throws: 429.
    func admitRendering(_ messages: Int, of visitor: Visitor, now: ContinuousClock.Instant = .now) throws(Problem) {
        guard messages > 0, let site = visitor.site, !rendered.allows(site, costing: Double(messages), now: now) else {
            return
        }
        throw .tooMuchRead
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
