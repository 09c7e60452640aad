import TelehashWire

/// One event while it is handled: when it is, what is to be done about it, what was counted, and where random numbers
/// come from. Every layer adds to the same one.
struct Moment {
    /// The caller's generator, behind a closure so that nothing below ``Switch`` is generic.
    struct Draws: RandomNumberGenerator {
        fileprivate let draw: () -> UInt64

        mutating func next() -> UInt64 { draw() }
    }

    let now: Instant
    var effects: [Effect] = []
    var counters = Counters.none
    var random: Draws

    init(now: Instant, draw: @escaping () -> UInt64) {
        self.now = now
        random = Draws(draw: draw)
    }

    mutating func count(_ counter: Counter, _ amount: Int = 1) {
        counters.add(counter, amount)
    }

    mutating func send(_ datagram: [UInt8], to endpoint: Endpoint) {
        count(.telexesSent)
        count(.bytesSent, datagram.count)
        effects.append(.send(datagram, to: endpoint))
    }
}
