import Telehash
import TelehashWire
import TestSupport
import Testing

/// Switches of 2011 name us to others only once we named ourselves, and not all of them ever ask.
@Suite struct NamingOurselvesTests {
    private let peer = Solo.endpoint("10.6.0.1:42424")

    /// A peer that asks nothing: it answers our dial, with its own ring.
    private func dialled(_ solo: Solo) throws -> (line: Int, sent: [Solo.Sent]) {
        let ring = try #require(solo.start().to(peer).first?.telex.ring)
        let line = ring * 9
        return (line, solo.receive(Telex(to: Solo.home, line: line, br: 176, see: []), from: peer).to(peer))
    }

    @Test func firstTelexOfALine_namesUs() throws {
        let sent = try dialled(Solo(seeds: [peer])).sent
        #expect(sent.contains { $0.telex.see == [Solo.home] && $0.telex.signals["+end"] != nil })
    }

    @Test func keepalives_nameUs_untilThePeerAsked() throws {
        let solo = Solo(seeds: [peer])
        let (line, _) = try dialled(solo)
        var br = 10_000
        func keepalives() -> [Solo.Sent] {
            var sent: [Solo.Sent] = []
            for _ in 0..<125 {
                let now = solo.advance(by: .seconds(1)).to(peer)
                sent += now.filter { $0.telex.tap != nil }
                guard now.contains(where: { $0.telex.signals["+end"] != nil }) else { continue }
                br += 1_000
                solo.receive(Telex(to: Solo.home, line: line, br: br, see: []), from: peer)
            }
            return sent
        }
        let unasked = keepalives()
        #expect(!unasked.isEmpty && unasked.allSatisfy { $0.telex.see == [Solo.home] })
        let question = Telex(to: Solo.home, line: line, br: br, signals: Signals(["+end": peer.nodeID.hex]))
        let answer = solo.receive(question, from: peer).to(peer)
        #expect(answer.contains { $0.telex.see?.contains(Solo.home) == true })
        let asked = keepalives()
        #expect(!asked.isEmpty && asked.allSatisfy { $0.telex.see == nil })
    }

    @Test func privateAddress_isNotNamedToAPublicPeer() throws {
        let peer = Solo.endpoint("9.8.7.6:42424")
        let solo = Solo()
        solo.prove(peer, isSwitch: false)
        let telexes = solo.advance(by: .seconds(200)).to(peer)
        #expect(telexes.allSatisfy { $0.telex.see == nil })
    }

    /// What comes with a question names somebody and answers nothing: a copy that was lost is not proven by it.
    @Test func see_thatComesWithAQuestion_isNoAnswer() throws {
        let solo = Solo()
        let line = solo.prove(peer)
        solo.advance(by: .seconds(5))
        solo.receive(Telex(to: Solo.home, line: line, br: 1_000, see: []), from: peer)
        solo.lookUp(NodeID(sha1Of: "somewhere"))
        let news = Telex(
            to: Solo.home, line: line, br: 1_000, see: [peer], signals: Signals(["+end": peer.nodeID.hex]))
        solo.receive(news, from: peer)
        #expect(solo.found.isEmpty, "the lookup still waits")
        solo.receive(Telex(to: Solo.home, line: line, br: 1_000, see: [peer]), from: peer)
        #expect(solo.found.count == 1)
    }

    /// A seed that names only those who named themselves, and asks nobody: node-telehash of 2012 and later.
    @Test func switches_behindASeedThatNeverAsks_findEachOther() {
        let wire = Wire()
        let seed = Endpoint.local(0)
        let script = SilentSeed(at: seed)
        wire.add(seed) { script.answer($0) }
        let (one, other) = (Endpoint.local(1), Endpoint.local(2))
        for switches in [one, other] { wire.add(switches, seeds: [seed], ends: [.tweets], knowsItself: false) }
        wire.run(for: .seconds(60))
        #expect(wire.status(one).switches == 2 && wire.status(other).switches == 2)
        wire.publish("found", from: one)
        wire.run(for: .seconds(5))
        #expect(wire.deliveries[other] == ["found"])
    }

    /// Everything with a `.see` says so in the second member, behind `_to`.
    @Test func see_isTheSecondMember() throws {
        let solo = Solo()
        for number in 0..<20 { solo.prove(Solo.endpoint("10.5.\(number).1:42424")) }
        let line = solo.prove(peer)
        let question = Signals(["+end": NodeID.tweets.hex])
        var sent = solo.receive(Telex(line: line, br: 500, signals: question), from: peer)
        sent += solo.receive(Telex(signals: question), from: Solo.endpoint("10.9.0.1:5000"))
        sent += solo.receive(Telex(ring: 99, signals: question), from: peer)
        sent += try dialled(Solo(seeds: [peer])).sent
        let naming = sent.filter { $0.telex.see != nil }
        #expect(naming.count >= 4)
        for telex in naming {
            let text = String(decoding: telex.bytes, as: UTF8.self)
            #expect(text.hasPrefix(#"{"_to":"\#(telex.to)",".see":["#), "\(text)")
        }
        #expect(
            Telex(to: peer, line: 5, br: 6, see: []).encoded()
                == Array(#"{"_to":"\#(peer)",".see":[],"_line":5,"_br":6}"#.utf8))
    }
}

/// Lines as in 2011; names whoever named itself, and dials nobody.
private final class SilentSeed {
    private let endpoint: Endpoint
    private var lines: [Endpoint: Int] = [:]
    private var received: [Endpoint: Int] = [:]
    private var visible: [Endpoint] = []

    init(at endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    func answer(_ datagram: Wire.Datagram) -> [[UInt8]] {
        guard let telex = datagram.telex else { return [] }
        let peer = datagram.from
        if let ring = telex.ring { lines[peer] = lines[peer] ?? ring * 1_234 }
        guard let line = lines[peer], telex.line == nil || telex.line == line else { return [] }
        received[peer, default: 0] += datagram.bytes.count
        if telex.line == line, telex.see?.contains(peer) == true, !visible.contains(peer) { visible.append(peer) }
        guard telex.signals["+end"] != nil, telex.hop == 0 else { return [] }
        let see = visible.isEmpty ? [endpoint] : visible
        return [Telex(to: peer, line: line, br: received[peer], see: see).encoded()]
    }
}
