import Telehash
import TelehashWire
import Testing

/// A lookup has switches called by others when it can't reach them itself: see ``Lookup/next(now:)``.
@Suite("Calls") struct CallTests {
    private let peer = Endpoint.spread(0)
    private let silent = Endpoint.spread(1)
    private let solo = Solo(at: Solo.endpoint("9.8.7.6:42424"))
    private let ring = 4_711

    /// Looks the silent switch's place up, until both dials to it were in vain. Returns what went out after them.
    private func lookUp() -> [Solo.Sent] {
        let line = solo.prove(peer)
        var sent = solo.lookUp(silent.nodeID)
        // Lookups of our own place asked it before.
        for _ in 0..<3 { sent += solo.receive(Telex(line: line, br: 0, see: [silent]), from: peer) }
        sent += solo.advance(by: .milliseconds(700))
        #expect(sent.to(silent).count == 2, "two tries")
        return sent
    }

    private func question(in sent: [Solo.Sent]) -> Telex? {
        sent.to(silent).map(\.telex).first { $0.signals["+end"] == silent.nodeID.hex }
    }

    private var hasFound: Bool { solo.found.contains { $0.closest.contains(silent) } }

    @Test("a switch that leaves two dials unanswered is called through the nearest that answered")
    func called() throws {
        let sent = lookUp()
        let calls = sent.to(peer).filter { $0.telex.signals["+pop"] == "th:9.8.7.6:42424" }
        #expect(!calls.isEmpty)
        #expect(calls.allSatisfy { $0.telex.signals["+end"] == silent.nodeID.hex })
        #expect(solo.found.isEmpty, "the lookup waits for it")
        let greeting = Telex(to: Solo.endpoint("9.8.7.6:42424"), ring: ring, br: 0, fields: [padding])
        let asked = try #require(question(in: solo.receive(greeting, from: silent)))
        for _ in 0..<2 { solo.receive(Telex(line: asked.line, br: 0, see: [peer]), from: silent) }
        solo.advance(by: .seconds(3))
        #expect(hasFound)
    }

    @Test("a greeting with the line shows that our dials were heard: the question follows on the line")
    func calledWithLine() throws {
        let sent = lookUp()
        let ours = try #require(sent.to(silent).last?.telex.ring)
        let asked = try #require(question(in: solo.receive(Telex(line: ours * ring, br: 0), from: silent)))
        #expect(asked.line == ours * ring)
        for _ in 0..<3 { solo.receive(Telex(line: ours * ring, br: 0, see: [peer]), from: silent) }
        solo.advance(by: .seconds(3))
        #expect(hasFound)
    }

    @Test("when the question behind a greeting is lost, too, it is asked once more within three times the greeting")
    func askedAgain() throws {
        _ = lookUp()
        let greeting = Telex(to: Solo.endpoint("9.8.7.6:42424"), ring: ring, br: 0, fields: [padding])
        var sent = solo.receive(greeting, from: silent)
        sent += solo.advance(by: .seconds(5))
        #expect(sent.to(silent).count == 2)
        #expect(sent.to(silent).byteCount <= 3 * greeting.encoded().count)
        #expect(solo.found.count == 1, "and then the lookup ends without it")
        #expect(!hasFound)
    }

    @Test("nobody answers: the lookup ends, and asks for few calls")
    func deadOnes() {
        let line = solo.prove(peer)
        solo.lookUp(silent.nodeID)
        var sent: [Solo.Sent] = []
        for round in 0..<40 {
            let dead = (0..<8).map { Endpoint.spread(10 + round * 8 + $0) }
            sent += solo.receive(Telex(line: line, br: 0, see: dead), from: peer)
            sent += solo.advance(by: .seconds(2))
        }
        solo.advance(by: .seconds(60))
        #expect(solo.found.count == 1)
        let limits = Limits.default
        let calls = sent.filter { $0.telex.signals["+pop"] != nil }.count
        // Besides those of the lookup each dial to a named switch that is repeated asks for one.
        #expect(
            calls <= limits.routing.callsPerLookup * (limits.routing.callsPerSwitch + 1) + Int(solo.counter("dials")))
    }

    /// As long as the greeting of a p2pmsg switch.
    private var padding: Telex.Field { .init(key: "pad", text: String(repeating: ".", count: 50)) }
}
