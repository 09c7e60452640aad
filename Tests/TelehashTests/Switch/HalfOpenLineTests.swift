import Telehash
import TelehashWire
import Testing

/// A line that only one side remembers, or that each side remembers differently, swallows what is sent over it.
@Suite("Lines that one side forgot")
struct HalfOpenLineTests {
    private let known = Solo.endpoint("10.2.0.1:1000")

    /// Switches in one bucket, the known one first, as seen from the solo switch.
    private var neighbours: [Endpoint] {
        let home = Solo.home.nodeID
        let bucket = home.bucket(to: known.nodeID)
        return (1..<200).map { Solo.endpoint("10.3.0.\($0):1000") }.filter { home.bucket(to: $0.nodeID) == bucket }
    }

    @Test("whoever was dialled and has no place in the table is shown that its ring arrived")
    func passerBy() throws {
        var limits = Limits.default
        limits.routing.k = 1
        let solo = Solo(limits: limits)
        let line = solo.prove(known)
        let other = try #require(neighbours.first)
        solo.lookUp(other.nodeID)
        let dial = try #require(solo.receive(Telex(line: line, br: 0, see: [other]), from: known).to(other).first)
        let ring = try #require(dial.telex.ring)
        let answers = solo.receive(Telex(line: ring * 5, br: 176, see: []), from: other).to(other)
        #expect(answers.contains { $0.telex.line == ring * 5 && $0.telex.signals.isEmpty })
    }

    @Test("a line over which we said nothing for 70 s is over, as it is for the peer")
    func silentSide() {
        let solo = Solo()
        let line = solo.prove(known, isSwitch: false)
        for number in 0..<7 {
            solo.advance(by: .seconds(9))
            solo.receive(Telex(line: line, br: 0, hop: 1, signals: .message("\(number)")), from: known)
        }
        #expect(solo.node.status(now: solo.now).proven == 1)
        solo.advance(by: .seconds(8))
        #expect(solo.node.status(now: solo.now).proven == 0)
    }

    @Test("a peer that began anew is asked again what a lookup had asked it before")
    func restart() throws {
        let solo = Solo()
        solo.prove(known)
        let target = NodeID(sha1Of: "somewhere")
        #expect(solo.lookUp(target).to(known).contains { $0.telex.signals["+end"] == target.hex })
        let ring = Telex(ring: 1_234, br: 0, signals: Signals(["+end": Solo.home.nodeID.hex]))
        let challenge = try #require(solo.receive(ring, from: known).to(known).first?.telex.line)
        solo.advance(by: .milliseconds(600))
        let asked = solo.receive(Telex(line: challenge, br: 200), from: known).to(known)
        #expect(asked.contains { $0.telex.line == challenge && $0.telex.signals["+end"] == target.hex })
        // An answer counts for the lookup that asked first; the switch looks its own place up as well.
        for _ in 0..<3 { solo.receive(Telex(line: challenge, br: 300, see: []), from: known) }
        #expect(solo.found.last?.closest == [known])
    }

    @Test("a dial is answered although the ring that the peer showed a while ago is not its ring any more")
    func forgottenRing() throws {
        let solo = Solo()
        let line = solo.prove(known)
        let other = try #require(neighbours.first)
        // The other one dials, hears nothing of our answer, and forgets us.
        solo.receive(Telex(ring: 2_000, br: 0, signals: Signals(["+end": Solo.home.nodeID.hex])), from: other)
        solo.advance(by: .seconds(21))
        solo.receive(Telex(ring: 3_000, br: 0, signals: Signals(["+end": Solo.home.nodeID.hex])), from: other)
        solo.advance(by: .seconds(10))
        solo.lookUp(other.nodeID)
        let dial = try #require(solo.receive(Telex(line: line, br: 0, see: [other]), from: known).to(other).first)
        let ring = try #require(dial.telex.ring)
        let proven = solo.node.status(now: solo.now).proven
        solo.receive(Telex(line: ring * 4_000, br: 176, see: []), from: other)
        #expect(solo.node.status(now: solo.now).proven == proven + 1)
    }

    @Test("a dial with a line that we don't remember is answered, and answered again when it is repeated")
    func forgottenLine() throws {
        let solo = Solo()
        solo.prove(known)
        let other = try #require(neighbours.first)
        let end = Signals(["+end": Solo.home.nodeID.hex])
        let pad = [Telex.Field(key: "pad", text: String(repeating: ".", count: 60))]
        for _ in 0..<3 {
            let dial = Telex(ring: 2_000, line: 2_000 * 31, br: 0, signals: end, fields: pad)
            let answer = try #require(solo.receive(dial, from: other).to(other).first?.telex)
            #expect(answer.line.map { $0 % 2_000 } == 0)
            solo.advance(by: .milliseconds(500))
        }
    }
}
