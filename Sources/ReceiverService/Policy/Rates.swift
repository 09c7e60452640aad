import Bus
import Messages
import ReceiverStore
import ServiceRuntime

/// How many messages of the mesh this receiver takes. This node's own clients have no rates: who may use the bus is the
/// operator, or was let in by them, and visitors of the page have theirs there.
///
/// There are two prices. The check of a signature costs time, whoever pretends to have written the message: it is paid by the
/// peer that hands it over. What is stored costs room: it is paid by the author, once the signature holds. What took nothing
/// is given back, so that neither a replay nor a forgery uses up anything of an author's.
final class Rates: Sendable {
    struct Settings: Sendable {
        /// For each author.
        var key: Rate? = Limits.keyRate
        /// For each peer of the mesh.
        var source: Rate? = Limits.sourceRate
        /// Messages a second of all new strangers together, and how many at once of one.
        var strangers: Rate? = Limits.strangerRate

        static let unbounded = Settings(key: nil, source: nil, strangers: nil)
    }

    private let keys: RateLimiter<PublicKey>?
    private let sources: RateLimiter<String>?
    private let exempt: RateLimiter<String>?
    private let strangers: StrangerRates?
    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ settings: Settings, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        keys = settings.key.map { RateLimiter($0, capacity: Limits.remembered) }
        sources = settings.source.map { RateLimiter($0, capacity: Limits.remembered) }
        exempt = settings.source.map { RateLimiter($0.part(Limits.exemptPart), capacity: Limits.remembered) }
        strangers = settings.strangers.map { StrangerRates($0, key: settings.key) }
        self.now = now
    }

    /// Before anything costs: the peer pays for the check.
    ///
    /// One whose budget is used up still brings what known and settled authors have written, or it would be enough to send
    /// rubbish by the same way to silence them. That the author is one of them is anybody's word until the signature holds: so
    /// these checks have a budget of their own, which is far more than such authors write.
    ///
    /// - Parameter standing: nil: it has to be looked up first.
    /// - Returns: nil: it is refused unchecked.
    func toll(from source: Source, standing: Standing?) -> Toll? {
        guard case .peer(let peer) = source, let sources else { return Toll() }
        if sources.allows(peer, now: now()) { return Toll(check: .regular(peer)) }
        guard standing != .stranger, exempt?.allows(peer, now: now()) == true else { return nil }
        return Toll(check: .exempt(peer))
    }

    /// It was settled without a look at its signature.
    func passUnchecked(_ toll: Toll) {
        switch toll.check {
        case .regular(let peer): sources?.giveBack(peer)
        case .exempt(let peer): exempt?.giveBack(peer)
        case nil: break
        }
    }

    /// The signature holds: the author pays.
    ///
    /// - Parameter isEarly: it is kept aside and may come again until its time has come, which must cost its author nothing.
    /// - Returns: why it is refused.
    func charge(
        _ key: PublicKey, _ standing: Standing, isEarly: Bool, from source: Source, to toll: inout Toll
    ) -> Refusal? {
        guard case .peer(let peer) = source else { return nil }
        if standing == .stranger, let strangers {
            if let refusal = strangers.take(key, from: peer, isFree: isEarly, now: now()) { return refusal }
            if !isEarly { toll.author = .stranger(key, peer: peer) }
        } else if !isEarly {
            guard keys?.allows(key, now: now()) != false else { return .rateLimited }
            toll.author = .regular(key)
        }
        return nil
    }

    /// It was not stored after all.
    func giveBack(_ toll: Toll) {
        switch toll.author {
        case .regular(let key): keys?.giveBack(key)
        case .stranger(let key, let peer): strangers?.giveBack(key, from: peer)
        case nil: break
        }
    }
}

/// What one delivery has taken from the budgets.
struct Toll: Sendable, Equatable {
    enum Check: Sendable, Equatable {
        /// From the budget of this peer.
        case regular(String)
        /// That was used up.
        case exempt(String)
    }

    enum Author: Sendable, Equatable {
        case regular(PublicKey)
        case stranger(PublicKey, peer: String)
    }

    fileprivate(set) var check: Check?
    fileprivate(set) var author: Author?

    init(check: Check? = nil) { self.check = check }

    /// Whether it may only go on for the sake of its author.
    var isExempt: Bool { if case .exempt = check { true } else { false } }
}
