import Telehash
import TelehashWire
import Testing

@Suite("Lock-out after wrong lines")
struct LockOutTests {
    private let peer = Solo.endpoint("10.2.0.1:1000")
    private let forged = Telex(line: 1, tap: [TapRule(has: ["+key"])])

    private func guess(_ solo: Solo, count: Int, besides line: Int) {
        for number in 1...count where number != line { solo.receive(Telex(line: number), from: peer) }
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

    @Test("a fresh exchange of rings ends it")
    func freshExchange() throws {
        let solo = Solo()
        let line = solo.prove(peer)
        guess(solo, count: 8, besides: line)
        solo.advance(by: .seconds(61))
        // The line is kept alive by its keepalives, which our peer answers.
        solo.receive(Telex(line: line, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
        let dial = Telex(ring: 1234, signals: Signals(["+end": NodeID.tweets.hex]))
        let challenge = try #require(solo.receive(dial, from: peer).to(peer).first?.telex.line)
        #expect(challenge != line)
        solo.receive(Telex(line: challenge, tap: [TapRule(has: ["+key"])]), from: peer)
        #expect(solo.node.status(now: solo.now).tapsTheirs == 1)
        #expect(solo.counter("lines_restarted") == 1)
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
