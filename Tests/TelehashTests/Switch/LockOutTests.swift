import Telehash
import TelehashWire
import Testing

@Suite("Lock-out after wrong lines")
struct LockOutTests {
    private let peer = Solo.endpoint("10.2.0.1:1000")
    private let forged = Telex(line: 1, tap: [TapRule(has: ["+key"])])

    /// Values that contain the peer's ring.
    private func guess(_ solo: Solo, count: Int, besides line: Int) {
        for number in 1...count where 77 * number != line { solo.receive(Telex(line: 77 * number), from: peer) }
    }

    @Test("commands are locked out, traffic is not, and the line lives")
    func commandsOnly() {
        let solo = Solo()
        let line = solo.prove(peer)
        solo.receive(Telex(line: line, tap: [TapRule(is: ["+end": "a"], has: ["+key"])]), from: peer)
        guess(solo, count: 8, besides: line)
        #expect(solo.counter("lines_locked_out") == 1)

        solo.receive(Telex(line: line, tap: [TapRule(is: ["+end": "b"], has: ["+key"])]), from: peer)
        #expect(solo.counter("commands_locked_out") == 1)
        let other = Solo.endpoint("10.3.0.1:1000")
        let sent = solo.receive(Telex(hop: 1, signals: Signals(["+end": "a", "+key": "k"])), from: other)
        #expect(sent.to(peer).count == 1, "the tap from before is in force")
        let refused = solo.receive(Telex(hop: 1, signals: Signals(["+end": "b", "+key": "k"])), from: other)
        #expect(refused.to(peer).isEmpty, "the tap from after is not")
        let answer = solo.receive(Telex(line: line, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
        #expect(answer.to(peer).contains { $0.telex.see != nil })
        #expect(solo.node.status(now: solo.now).proven == 1)
    }

    @Test("it ends a minute later")
    func ends() {
        let solo = Solo()
        let line = solo.prove(peer)
        guess(solo, count: 8, besides: line)
        solo.advance(by: .seconds(61))
        solo.receive(Telex(line: line, tap: [TapRule(has: ["+key"])]), from: peer)
        #expect(solo.node.status(now: solo.now).tapsTheirs == 1)
    }

    @Test("who knows no ring locks nobody out: fifty forgeries a second cost a peer no command", arguments: [8, 3_000])
    func blind(aMinute: Int) {
        let solo = Solo()
        let line = solo.prove(peer, ring: 20_011)
        var random = Seeded(seed: 7)
        var honoured = 0
        for minute in 0..<10 {
            for _ in 0..<aMinute {
                solo.receive(Telex(line: Int.random(in: 1...1 << 30, using: &random)), from: peer)
                solo.advance(by: .seconds(60) / aMinute)
            }
            let end = NodeID(sha1Of: "\(minute)")
            solo.receive(
                Telex(line: line, br: 1 << 30, tap: [TapRule(is: ["+end": end.hex], has: ["+key"])]), from: peer)
            let text = Telex(hop: 1, signals: .message("\(minute)", end: end))
            let copies = solo.receive(text, from: Solo.endpoint("10.3.0.1:1000")).to(peer)
            if !copies.carrying("\(minute)").isEmpty { honoured += 1 }
            // Its keepalive.
            solo.receive(Telex(line: line, br: 1 << 30, see: []), from: peer)
        }
        #expect(honoured == 10 && solo.counter("lines_locked_out") == 0)
    }

    @Test("20,000 forged taps with guessed lines install none")
    func forgedTaps() {
        let solo = Solo()
        var random = Seeded(seed: 99)
        let addresses = (0..<50).map { Solo.endpoint("10.4.\($0).1:1000") }
        for address in addresses {
            solo.receive(Telex(ring: 5, signals: Signals(["+end": NodeID.tweets.hex])), from: address)
        }
        for _ in 0..<20_000 {
            let address = addresses[Int.random(in: 0..<50, using: &random)]
            let line = 5 * Int.random(in: 1...32_768, using: &random)
            solo.receive(Telex(line: line, tap: [TapRule(has: ["+key"])]), from: address)
        }
        #expect(solo.node.status(now: solo.now).tapsTheirs == 0, "8 guesses each at 1 in 32768")
        #expect(solo.counter("lines_locked_out") == 50)
    }
}
