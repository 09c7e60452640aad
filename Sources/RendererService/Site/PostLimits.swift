import Messages
import ServiceRuntime

/// How many messages a visitor may write. The address of a visitor behind a trusted proxy is what the proxy says.
struct PostLimits: Sendable {
    private let places: RateLimiter<VisitorPlace>?
    private let keys: RateLimiter<String>?
    /// All programs on this machine together.
    private let local = RateLimiter<Bool>(Limits.localRate, capacity: 1)
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter rate: for each address, and for each key; nil: none.
    init(_ rate: Rate?, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        places = rate.map { RateLimiter($0, capacity: Limits.rememberedVisitors) }
        keys = rate.map { RateLimiter($0, capacity: Limits.rememberedVisitors) }
        self.now = now
    }

    /// - Throws: 429 when the visitor has written too much.
    func admit(_ visitor: Visitor) throws(Problem) {
        guard let place = VisitorPlace(visitor) else {
            guard places != nil, !local.allows(true, now: now()) else { return }
            throw .tooManyMessages(after: local.secondsForOne, of: "this machine")
        }
        guard let places, !places.allows(place, now: now()) else { return }
        throw .tooManyMessages(after: places.secondsForOne, of: "this network address")
    }

    /// - Throws: 429 when messages of this key came too often from visitors.
    func admit(_ key: PublicKey, of visitor: Visitor) throws(Problem) {
        guard visitor != .local, let keys, !keys.allows(key.text, now: now()) else { return }
        throw .tooManyMessages(after: keys.secondsForOne, of: "this key")
    }
}

/// Where a visitor comes from: an IPv4 address, or a /64 of IPv6, of which one household has all; or no place that is known,
/// which is one place.
struct VisitorPlace: Hashable {
    private let bytes: ArraySlice<UInt8>

    /// - Returns: nil for a program on this machine.
    init?(_ visitor: Visitor) {
        switch visitor {
        case .local: return nil
        case .at(let address): bytes = address.isIPv4 ? address.bytes[...] : address.bytes.prefix(8)
        case .unnamed: bytes = []
        }
    }
}
