import Telehash
import TelehashWire
import Testing

/// A switch that was killed and comes back at the same address, beside switches of 2011.
@Suite struct RememberedLineTests {
    private let peer = Solo.endpoint("10.6.0.1:42424")

    private func line(_ ringIn: Int = 9, received: Int = 70_000) throws -> RememberedLine {
        try #require(RememberedLine(endpoint: peer, ringOut: 500, ringIn: ringIn, sent: 80_000, received: received))
    }

    private func dials(_ sent: [Solo.Sent]) -> [Telex] {
        sent.to(peer).map(\.telex).filter { $0.signals["+end"] != nil }
    }

    @Test func start_speaksTheOldLine_andAnAnswerProvesIt() throws {
        let solo = Solo(remembered: [try line()])
        let dial = try #require(dials(solo.start()).first)
        #expect(dial.line == 4_500 && dial.ring == 500)
        #expect((dial.br ?? 0) > 70_000, "a switch of 2011 that hears of less than it sent stays silent")
        solo.receive(Telex(to: Solo.home, line: 4_500, br: 80_100, see: []), from: peer)
        #expect(solo.node.status(now: solo.now).switches == 1)
        #expect(solo.node.audit().isEmpty)
    }

    /// Its own round comes up to half a minute later.
    @Test func line_thatThePeerSpeaksLater_isProvenThen() throws {
        let solo = Solo(remembered: [try line()])
        solo.start()
        solo.advance(by: .seconds(30))
        solo.receive(Telex(to: Solo.home, line: 4_500, signals: Signals(["+end": peer.nodeID.hex])), from: peer)
        #expect(solo.node.status(now: solo.now).proven == 1)
    }

    @Test func peer_thatForgotTheLine_isRungAnew() throws {
        let solo = Solo(known: [peer], remembered: [try line()])
        var sent = dials(solo.start())
        for _ in 0..<10 where sent.last?.line != nil { sent += dials(solo.advance(by: .seconds(1))) }
        #expect(sent.map(\.line) == [4_500, 4_500, nil])
        #expect(sent.map(\.ring) == [500, 500, 500])
        solo.receive(Telex(to: Solo.home, line: 500 * 44, see: []), from: peer)
        #expect(solo.node.status(now: solo.now).switches == 1)
    }

    @Test func peer_thatBeganAnewToo_isProvenByItsNewRing() throws {
        let solo = Solo(remembered: [try line()])
        solo.start()
        solo.receive(Telex(to: Solo.home, line: 500 * 44, see: []), from: peer)
        #expect(solo.node.status(now: solo.now).switches == 1)
    }

    @Test func seed_withARememberedLine_isDialledWithIt() throws {
        let solo = Solo(seeds: [peer], remembered: [try line()])
        let sent = dials(solo.start())
        #expect(sent.count == 1 && sent[0].line == 4_500)
    }

    /// Guesses at it are counted as any others.
    @Test func guesses_atARememberedLine_lockTheAddressOut() throws {
        let solo = Solo(remembered: [try line()])
        solo.start()
        solo.advance(by: .seconds(6))
        for guess in 1...8 { solo.receive(Telex(to: Solo.home, line: 500 * guess + 1), from: peer) }
        solo.receive(Telex(to: Solo.home, line: 4_500), from: peer)
        #expect(solo.node.status(now: solo.now).proven == 0)
    }

    @Test func linesWithAUse_areHandedOn_othersAndOurKindAreNot() throws {
        let solo = Solo()
        let receiver = Solo.endpoint("10.9.0.1:12345")
        let ring = try #require(solo.receive(#"{"+end":"\#(NodeID.tweets.hex)"}"#, from: receiver).first?.telex.ring)
        let rule = TapRule(is: [:], has: ["+key"])
        solo.receive(Telex(line: ring, tap: [rule]), from: receiver)
        let ours = Solo.endpoint("10.9.0.2:42424")
        let line = solo.prove(ours)
        solo.receive(
            Telex(to: Solo.home, line: line, tap: [rule], fields: [.init(key: "tree", text: "-")]), from: ours)
        let idle = Solo.endpoint("10.9.0.3:42424")
        solo.prove(idle, isSwitch: false)
        let handedOn = solo.node.rememberedLines()
        #expect(handedOn.map(\.endpoint) == [receiver])
        #expect(handedOn.first?.ringOut == ring && handedOn.first?.ringIn == 1)
        for number in 0..<100 { solo.prove(Solo.endpoint("10.5.\(number).1:42424"), ring: 100 + number) }
        solo.tap([.tweets])
        #expect(solo.node.rememberedLines().count <= Limits.default.lines.rememberedLines)
    }

    /// Hears nothing but what has its line, as a switch of 2011, and counts what that says.
    @Test func killedSwitch_isHeardByAStrictPeerAtOnce() throws {
        let strict = StrictPeer()
        let solo = Solo(seeds: [peer])
        converse(strict, solo, solo.start())
        solo.advance(by: .seconds(11))
        let handedOn = solo.node.rememberedLines()
        #expect(handedOn.count == 1)
        let again = Solo(seeds: [peer], remembered: handedOn, seed: 2)
        converse(strict, again, again.start())
        #expect(again.node.status(now: again.now).switches == 1)
        let forgetful = Solo(seeds: [peer], seed: 3)
        converse(strict, forgetful, forgetful.start() + forgetful.advance(by: .seconds(30)))
        #expect(forgetful.node.status(now: forgetful.now).switches == 0, "as it was without")
    }

    private func converse(_ strict: StrictPeer, _ solo: Solo, _ sent: [Solo.Sent]) {
        var open = sent.to(peer)
        for _ in 0..<20 where !open.isEmpty {
            guard let answer = strict.answer(open.removeFirst()) else { continue }
            open += solo.receive(answer, from: peer).to(peer)
        }
    }

    private final class StrictPeer {
        private var line: Int?
        private var received = 0
        private var sent = 0
        /// What the other side says that it got.
        private var reported = 0

        func answer(_ datagram: Solo.Sent) -> Telex? {
            let telex = datagram.telex
            if line == nil { line = telex.ring.map { $0 * 321 } }
            guard telex.line == nil ? received == 0 : telex.line == line else { return nil }
            received += datagram.bytes.count
            reported = telex.br ?? 0
            guard telex.signals["+end"] != nil, sent - reported <= 10_000 else { return nil }
            let answer = Telex(to: Solo.home, line: line, br: received, see: [])
            sent += answer.encoded().count
            return answer
        }
    }
}
