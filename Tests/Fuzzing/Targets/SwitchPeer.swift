import Telehash
import TelehashWire

/// What the world knows of one address: what it said to the switch, and what the switch said to it.
struct SwitchPeer {
    let endpoint: Endpoint
    /// The ring that it uses when it is honest.
    let ring: Int
    /// Rings that the switch told it, the last one last.
    private(set) var ringsTold: [Int] = []
    /// Lines that the switch told it, the last one last.
    private(set) var linesTold: [Int] = []
    /// Whether a telex from it carried a line with a ring that the switch had told it. The switch may know better (it
    /// forgets lines), never worse.
    private(set) var mayBeProven = false

    /// Bytes that came from it, and of answers that went to it while it could not be proven.
    private(set) var heard = 0
    private(set) var answered = 0
    /// Bytes that went to it in all: its honest `_br`.
    private(set) var sentTo = 0
    private(set) var greetedAt: Instant?
    /// Whether its last word was a bare tap, which may be answered with a ring.
    private var mayBeRung = false

    init(_ endpoint: Endpoint, number: Int) {
        self.endpoint = endpoint
        ring = 100 + number
    }

    /// The line that it would use now.
    var line: Int { linesTold.last ?? (ringsTold.last ?? 1) * ring }

    /// Rings and lines of long ago are forgotten by the switch too.
    private static let kept = 64

    mutating func didSend(_ bytes: [UInt8]) {
        heard += bytes.count
        let telex = try? Telex.decode(bytes)
        mayBeRung = telex.map { $0.tap != nil && $0.line == nil && $0.ring == nil } ?? false
        guard !mayBeProven, let telex, let line = telex.line else { return }
        mayBeProven =
            linesTold.contains(line)
            || ringsTold.contains { line % $0 == 0 && line / $0 <= WireLimits.largestRing }
    }

    /// Checks and remembers a telex that the switch sent to it.
    mutating func didReceive(_ telex: Telex, size: Int, now: Instant, limits: Limits) throws(Finding) {
        if let ring = telex.ring, ringsTold.last != ring { ringsTold = ringsTold.suffix(SwitchPeer.kept) + [ring] }
        if let line = telex.line, linesTold.last != line { linesTold = linesTold.suffix(SwitchPeer.kept) + [line] }
        sentTo += size
        guard !mayBeProven else { return }
        if SwitchPeer.isDial(telex) { return }
        let isRing = mayBeRung && answered + size <= limits.lines.strangerFactor * heard
        if SwitchPeer.isGreeting(telex), isRing {
            mayBeRung = false
        } else if SwitchPeer.isGreeting(telex) {
            if let last = greetedAt {
                try require(
                    last.duration(to: now) >= limits.routing.popInterval,
                    "\(endpoint) is greeted twice in \(last)…\(now)")
            }
            greetedAt = now
            return
        }
        answered += size
        try require(
            answered <= limits.lines.strangerFactor * heard,
            "\(endpoint), which proved nothing, got \(answered) bytes for \(heard)")
    }

    /// Nothing but a header: opens a NAT because a proven peer asked for it.
    static func isGreeting(_ telex: Telex) -> Bool {
        telex.signals.isEmpty && telex.see == nil && telex.tap == nil
    }

    /// A question with our ring and padding: sent without being asked, under the budget for dials.
    static func isDial(_ telex: Telex) -> Bool {
        telex.ring != nil && telex.see == nil && telex.tap == nil && telex.signals.count == 1
            && telex.fields.contains { $0.key == "pad" }
    }
}
