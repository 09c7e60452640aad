import TelehashWire

/// What a ``Switch`` wants done. The caller performs the effects in their order, right after the event.
public enum Effect: Sendable {
    /// Send one datagram.
    case send([UInt8], to: Endpoint)
    /// Signals that one of our taps asks for.
    case deliver(Delivery)
    /// A publication's counters changed.
    case progress(PublicationProgress)
    /// A lookup that was asked for with ``Switch/lookUp(_:as:now:using:into:)`` is over.
    case found(LookupReport)
}

/// Signals for the application: they match an end that was given to ``Switch/tap(_:now:using:into:)``, and come once
/// in ten minutes however often they arrive.
public struct Delivery: Sendable {
    public let signals: Signals
    /// The neighbour that passed them on, which is seldom their author.
    public let from: Endpoint
    /// How many relays they went through, 0…4.
    public let hop: Int
    /// By which the switch is told what became of them: see ``Switch/didJudge(_:_:as:now:using:into:)``.
    public let token: DeliveryToken
}

extension Delivery {
    init(_ signals: Signals, _ digest: UInt64, _ copy: Forgeries.Held, isHeld: Bool) {
        self.init(
            signals: signals, from: copy.from, hop: copy.hop,
            token: DeliveryToken(
                digest: digest, from: copy.from, isProven: copy.isProven, hop: copy.hop, isHeld: isHeld))
    }
}

/// Names delivered signals, and says what the switch has to know when they are judged; worthless in another switch.
public struct DeliveryToken: Hashable, Sendable {
    /// Their keyed fingerprint.
    let digest: UInt64
    let from: Endpoint
    /// Whether they came over a proven line.
    let isProven: Bool
    let hop: Int
    /// Whether they are passed on only when they were judged.
    package let isHeld: Bool

    var bringer: Bringer { Bringer(from, isProven: isProven) }

    package init(digest: UInt64, from: Endpoint, isProven: Bool = true, hop: Int = 0, isHeld: Bool = false) {
        self.digest = digest
        self.from = from
        self.isProven = isProven
        self.hop = hop
        self.isHeld = isHeld
    }
}

/// What the application says of delivered signals.
public enum Judgement: Hashable, Sendable {
    /// An own receiver verified them and keeps them.
    case genuine
    /// Their signature is wrong.
    case forged
    /// Nothing speaks against passing them on: nobody here keeps such signals and could tell, or the signature holds and it
    /// is for reasons of their own that they are not kept anew.
    case unknown
    /// They were refused for such a reason before anybody looked at the signature.
    case unchecked
    /// They were refused because of all that their bringer brings, and nobody looked at the signature. Another's copy may be taken.
    case overRate
    /// There was no room for them to wait for a receiver: another copy may find it.
    case dropped
}

/// Names a publication; chosen by the caller and meaningful only to it.
public struct PublicationID: Hashable, Sendable {
    public let value: UInt64

    public init(value: UInt64) {
        self.value = value
    }
}

/// How far a publication got. The numbers only grow.
public struct PublicationProgress: Hashable, Sendable {
    public let id: PublicationID
    /// Switches that the signals were sent to over proven lines.
    public let handed: Int
    /// Of those, switches that are proven to have got them.
    public let taken: Int
    /// Nothing more will change.
    public let finished: Bool

    public init(id: PublicationID, handed: Int, taken: Int, finished: Bool) {
        self.id = id
        self.handed = handed
        self.taken = taken
        self.finished = finished
    }
}

/// Names a lookup; chosen by the caller and meaningful only to it.
public struct LookupID: Hashable, Sendable {
    public let value: UInt64

    public init(value: UInt64) {
        self.value = value
    }
}

/// What a lookup found.
public struct LookupReport: Hashable, Sendable {
    public let id: LookupID
    public let target: NodeID
    /// The switches nearest to the target that answered, nearest first, at most ``RoutingLimits/k``.
    public let closest: [Endpoint]
    /// Switches that were asked.
    public let queries: Int
    /// Referrals that led to the nearest of ``closest``: 1 when it was known before, 0 when nobody answered.
    public let hops: Int
    public let took: Duration
}
