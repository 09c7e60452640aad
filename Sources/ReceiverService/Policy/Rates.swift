import Bus
import Messages
import ReceiverStore
import ServiceRuntime

/// How many messages this receiver takes of the mesh, and of strangers on this node's page. This node's command line has no
/// rates: who may use the bus is the operator, or was let in by them. Visitors of the page have theirs there, each for
/// himself; but who has many addresses has many visitors, so of those who are strangers there are only so many together.
///
/// There are two prices. The check of a signature costs time, no matter who claims to have written the message: it is paid by the
/// peer that hands it over. What is stored costs room: it is paid by the author, once the signature holds. What took nothing
/// is given back, so that neither a replay nor a forgery uses up anything of an author's.
///
/// What waited in the router while this receiver or its store was away comes all at once. It is charged as of when it came, to
/// budgets of its own, so that an absence costs nobody a message and brings nobody more than a receiver that was there.
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

    private struct Budgets: Sendable {
        let keys: RateLimiter<AuthorAccount>?
        let sources: RateLimiter<String>?
        let exempt: RateLimiter<String>?
        let strangers: StrangerRates?

        init(_ settings: Settings) {
            keys = settings.key.map { RateLimiter($0, capacity: Limits.remembered) }
            sources = settings.source.map { RateLimiter($0, capacity: Limits.remembered) }
            exempt = settings.source.map { RateLimiter($0.part(Limits.exemptPart), capacity: Limits.remembered) }
            strangers = settings.strangers.map { StrangerRates($0, key: settings.key) }
        }
    }

    private let live: Budgets
    /// Of what waited.
    private let late: Budgets
    /// Of what is kept aside, and is charged as what comes then when its time has come. It may come again until then, and
    /// a peer that replays it must not use up its author's other budgets.
    private let early: Budgets
    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ settings: Settings, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        live = Budgets(settings)
        late = Budgets(settings)
        early = Budgets(settings)
        self.now = now
    }

    private func budgets(_ toll: Toll) -> Budgets { toll.waited < Limits.lateAfter ? live : late }

    /// Before anything costs: the peer pays for the check.
    ///
    /// One whose budget is used up still brings what known and settled authors have written, or it would be enough to send
    /// rubbish by the same way to silence them. That the author is one of them is anybody's word until the signature holds: so
    /// these checks have a budget of their own, which is far more than such authors write.
    ///
    /// - Parameters:
    ///   - standing: nil: it has to be looked up first.
    ///   - waited: since the router has it.
    /// - Returns: nil: it is refused unchecked.
    func toll(from source: Source, standing: Standing?, waited: Duration = .zero) -> Toll? {
        var toll = Toll(waited: waited)
        let (budgets, came) = (budgets(toll), now() - waited)
        guard case .peer(let peer) = source, let sources = budgets.sources else { return toll }
        if sources.allows(peer, now: came) {
            toll.check = .regular(peer)
        } else {
            guard standing != .stranger, budgets.exempt?.allows(peer, now: came) == true else { return nil }
            toll.check = .exempt(peer)
        }
        return toll
    }

    /// It was settled without a look at its signature.
    func passUnchecked(_ toll: Toll) {
        switch toll.check {
        case .regular(let peer): budgets(toll).sources?.giveBack(peer)
        case .exempt(let peer): budgets(toll).exempt?.giveBack(peer)
        case nil: break
        }
    }

    /// The signature holds: the author pays, for what was written long ago from an account of its own.
    ///
    /// - Parameter isEarly: it is kept aside.
    /// - Returns: why it is refused.
    func charge(
        _ account: AuthorAccount, _ standing: Standing, isEarly: Bool, from source: Source, to toll: inout Toll
    ) -> Refusal? {
        guard source != .client else { return nil }
        let (budgets, came) = (isEarly ? early : budgets(toll), now() - toll.waited)
        if standing == .stranger, let strangers = budgets.strangers {
            switch strangers.take(account, from: source, now: came) {
            case .refused(let refusal): return refusal
            case .taken(let pool): toll.author = isEarly ? nil : .stranger(account, of: pool, from: source)
            }
        } else if !source.isOwn {
            guard budgets.keys?.allows(account, now: came) != false else { return .rateLimited }
            toll.author = isEarly ? nil : .regular(account)
        }
        return nil
    }

    /// It was not stored after all.
    func giveBack(_ toll: Toll) {
        switch toll.author {
        case .regular(let account): budgets(toll).keys?.giveBack(account)
        case .stranger(let account, let pool, let source):
            budgets(toll).strangers?.giveBack(account, to: pool, from: source)
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
        case regular(AuthorAccount)
        case stranger(AuthorAccount, of: StrangerRates.Pool, from: Source)
    }

    fileprivate(set) var check: Check?
    fileprivate(set) var author: Author?

    /// In the router; see ``Rates``.
    let waited: Duration

    init(waited: Duration = .zero) { self.waited = waited }

    /// Whether it may only go on for the sake of its author.
    var isExempt: Bool { if case .exempt = check { true } else { false } }
}
