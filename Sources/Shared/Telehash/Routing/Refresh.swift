import TelehashWire

/// When our own place is looked up: soon after somebody joined, and otherwise after pauses that grow.
struct Refresh: Sendable {
    private let limits: Limits
    /// When it was looked up last, and when it will be anyway.
    private var joinLookupAt: Instant?
    private(set) var ownLookupAt = Instant.distantFuture
    /// How long it is until the time after that.
    private var pause: Duration
    private var wantsJoinLookup = false

    init(limits: Limits) {
        self.limits = limits
        pause = limits.routing.firstLookupPause
    }

    mutating func start(now: Instant) { ownLookupAt = now.advanced(by: limits.routing.lookupInterval) }

    mutating func didMove() {
        wantsJoinLookup = true
        joinLookupAt = nil
    }

    /// A switch that we did not know takes part in the DHT. Switches that start together can name each other only a moment
    /// later.
    mutating func isMet(whileAlone: Bool, knowingFew: Bool, now: Instant) {
        if whileAlone { begin(atOnce: true, now: now) }
        if knowingFew { wantsJoinLookup = true }
    }

    /// Short pauses again.
    mutating func begin(atOnce: Bool, now: Instant) {
        pause = limits.routing.firstLookupPause
        let soon = now.advanced(by: pause)
        ownLookupAt = atOnce ? soon : min(ownLookupAt, soon)
    }

    /// When the lookup after a join may begin; never while there was none.
    var joinLookupDue: Instant {
        guard wantsJoinLookup else { return .distantFuture }
        return joinLookupAt?.advanced(by: limits.routing.joinLookupInterval) ?? Instant(nanoseconds: .min)
    }

    /// Whether somebody joined and it is time to see who is around us. Joins that come together share one lookup.
    mutating func takeJoin(now: Instant) -> Bool {
        guard joinLookupDue <= now else { return false }
        wantsJoinLookup = false
        joinLookupAt = now
        return true
    }

    /// Plans the next time. How long the pause was that is over now.
    mutating func takeDue(jitter: Double, isAlone: Bool, now: Instant) -> Duration {
        ownLookupAt = now.advanced(by: pause * (1 + jitter))
        guard !isAlone else { return pause }
        defer { pause = min(pause * 3, limits.routing.ownLookupInterval) }
        joinLookupAt = now
        return pause
    }
}

extension NodeID {
    /// A place in the given bucket as seen from `center`: the same bits above, the bit itself turned, the rest drawn.
    static func random(
        inBucket bucket: Int, of center: NodeID, using random: inout some RandomNumberGenerator
    ) -> NodeID {
        var high: UInt64 = random.next()
        var middle: UInt64 = random.next()
        var low = UInt32(truncatingIfNeeded: random.next() as UInt64)
        // The differing bits of the distance: zero above the bucket's bit, one at it, as drawn below.
        switch bucket {
        case 96..<160:
            high = high & (1 << UInt64(bucket - 96) - 1) | 1 << UInt64(bucket - 96)
        case 32..<96:
            high = 0
            middle = middle & (1 << UInt64(bucket - 32) - 1) | 1 << UInt64(bucket - 32)
        default:
            high = 0
            middle = 0
            let bit = UInt32(min(max(bucket, 0), 31))
            low = low & (1 << bit - 1) | 1 << bit
        }
        return center.distance(to: NodeID(high: high, middle: middle, low: low))
    }
}
