import MeshSimulator
import MeshTrouble
import Telehash
import TelehashWire
import TestSupport
import Testing

/// Meshes that are shouted at from outside.
@Suite struct MeshHostileTests {
    @Test(arguments: [51] as [UInt64])
    func mesh_whenGarbageRainsOnIt_goesOnDelivering(_ seed: UInt64) {
        var scenario = MeshScenario(seed: seed, nodes: 20)
        var random = SeededGenerator(seed: seed)
        let real = fullTelexBytes(members: scenario)
        for round in 0..<13 {
            for _ in 0..<100 {
                let target = Int.random(in: 0..<20, using: &random)
                let sender =
                    random.happens(0.5)
                    ? scenario.mesh.endpoint(of: Int.random(in: 0..<20, using: &random)) : scenario.mesh.freshEndpoint()
                scenario.mesh.inject(garbage(from: real, using: &random), from: sender, to: target)
            }
            scenario.mesh.run(for: .seconds(2))
            guard round >= 10 else { continue }
            let said = scenario.say("round \(round)", from: round)
            #expect(scenario.missing(said.signals, from: round) == [], "seed \(seed), round \(round)")
        }
        #expect(scenario.mesh.counters.injected == 1_300)
        scenario.expectNoViolation()
    }

    /// Threat T1: whoever forges the sender of a question must not make us shout at that address.
    @Test(arguments: [61] as [UInt64])
    func question_whenItsSenderIsForged_isAnsweredWithThreeTimesItsBytesAtMost(_ seed: UInt64) {
        var scenario = MeshScenario(seed: seed, nodes: 20)
        scenario.mesh.run(for: .seconds(30))
        var random = SeededGenerator(seed: seed)
        let victims = (0..<50).map { _ in scenario.mesh.freshEndpoint() }
        for _ in 0..<2_000 {
            let victim = victims[Int.random(in: 0..<victims.count, using: &random)]
            let datagram = forgedQuestion(using: &random)
            scenario.mesh.inject(datagram, from: victim, to: Int.random(in: 0..<20, using: &random))
            scenario.mesh.run(for: .milliseconds(Int.random(in: 0...20, using: &random)))
        }
        scenario.mesh.run(for: .seconds(30))
        #expect(scenario.mesh.counters.unreachable > 200, "some of them are answered")
        #expect(scenario.mesh.largestAmplification > 1, "the answers are counted")
        scenario.expectNoViolation()
        let said = scenario.say("still here", from: 4)
        #expect(scenario.missing(said.signals, from: 4) == [], "seed \(seed)")
    }

    /// The fire-and-forget clients of 2011 have no line and need none.
    @Test func signals_whenAClientOf2011FiresThem_reachEveryTapper() throws {
        var scenario = MeshScenario(seed: 71, nodes: 20)
        scenario.mesh.run(for: .seconds(30))
        let client = scenario.mesh.freshEndpoint()
        let signals = Signals(["+end": MeshScenario.wall.hex, "+key": "ab", "+message": "fired", "+sig": "cd"])
        let telex = Telex(to: Endpoint("208.68.163.247:42424"), hop: 1, signals: signals)
        scenario.mesh.inject(telex.encoded(), from: client, to: 13)
        scenario.mesh.run(for: .seconds(6))
        #expect(Set(scenario.mesh.deliveries(of: signals).map(\.node)) == Set(scenario.members))
        #expect(scenario.doubled(signals) == [])
        scenario.expectNoViolation()
    }

    private func fullTelexBytes(members scenario: MeshScenario) -> [[UInt8]] {
        let see = scenario.members.prefix(8).map { scenario.mesh.endpoint(of: $0) }
        let wall = Signals(["+end": MeshScenario.wall.hex])
        return [
            Telex(ring: 5, br: 0, signals: wall), Telex(line: 35, br: 1 << 40, see: see),
            Telex(line: 35, tap: [TapRule()]),
            Telex(ring: 7, hop: 4, see: see, tap: [TapRule(has: ["+key"])], signals: wall),
            Telex(signals: Signals(["+end": MeshScenario.wall.hex, "+pop": "th:1.2.3.4:5"])),
        ].map { $0.encoded() } + [Array(fullTelex.utf8)]
    }

    /// Noise, a broken telex, or a whole one that somebody made up.
    private func garbage(from telexes: [[UInt8]], using random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            return (0..<Int.random(in: 0...1400, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
        case 1:
            var bytes = telexes.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            return bytes
        default:
            return telexes.randomElement(using: &random) ?? []
        }
    }

    private func forgedQuestion(using random: inout SeededGenerator) -> [UInt8] {
        var writer = TelexWriter()
        let end = random.happens(0.3) ? MeshScenario.wall : NodeID(sha1Of: "\(random.next())")
        if random.happens(0.5) { writer.ring(Int.random(in: 1...WireLimits.largestRing, using: &random)) }
        if random.happens(0.2) { writer.line(Int.random(in: 1...WireLimits.largestLine, using: &random)) }
        if random.happens(0.2) { writer.br(Int.random(in: 0...WireLimits.largestByteCount, using: &random)) }
        if random.happens(0.1) { writer.tap([TapRule()]) }
        writer.signals(Signals(["+end": end.hex]))
        if random.happens(0.5) { writer.pad(to: Int.random(in: 60...1400, using: &random)) }
        return writer.finish()
    }
}
