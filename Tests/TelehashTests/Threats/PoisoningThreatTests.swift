import MeshSimulator
import Telehash
import TelehashWire
import Testing

/// Proven peers who name addresses: threats T11, T12, T13 and T18.
@Suite struct PoisoningThreatTests {
    private static let home = Solo.endpoint("99.1.0.1:42424")

    @Test func see_whenAPeerNamesRandomAddressesWithoutEnd_isDialledTenTimesASecond() {
        let count = ThreatScale.count(20_000, full: 1_000_000)
        let solo = Solo(at: Self.home)
        var mesh = Mesh(seed: 11)
        let friend = Solo.endpoint("77.1.2.3:42424")
        let line = solo.prove(friend)
        let before = solo.node.status(now: solo.now)
        var dials: [Instant] = []
        let pool = mesh.freshEndpoints(ThreatScale.count(20_000, full: 200_000))
        for number in 0..<count {
            let see = (0..<8).map { pool[(number &* 8 &+ $0) % pool.count] }
            for sent in solo.receive(Telex(line: line, br: 0, see: see), from: friend) where sent.to != friend {
                dials.append(solo.now)
            }
            for sent in solo.advance(by: .milliseconds(3)) where sent.to != friend { dials.append(solo.now) }
        }
        let after = solo.node.status(now: solo.now)
        var busiest = 0
        var first = 0
        for last in dials.indices {
            while dials[first].duration(to: dials[last]) > .seconds(10) { first += 1 }
            busiest = max(busiest, last - first + 1)
        }
        ThreatScale.report("T11 \(count) .see: \(busiest) dials in the busiest 10 s, \(dials.count) in all")
        // A burst of 20, then 10 a second, and as many greetings asked of the teller.
        #expect(busiest <= 20 + 100)
        #expect(after.buckets.map(\.switches) == before.buckets.map(\.switches), "only who answers gets an entry")
        #expect(after.ringing <= Limits.default.lines.unprovenLines)
    }

    /// Many peers who name one address, over all its ports, would have every switch flood it.
    @Test func victim_whenTenThousandAttackersNameItsPorts_getsOneTelexInTenSeconds() {
        let attackers = ThreatScale.count(500, full: 10_000)
        let solo = Solo(at: Self.home)
        var mesh = Mesh(seed: 12)
        let peers = mesh.freshEndpoints(attackers)
        let victim = "88.5.6.7"
        var telexes = 0
        let begun = solo.now
        func count(_ sent: [Solo.Sent]) {
            telexes += sent.count { $0.to.hostGroup == Solo.endpoint("\(victim):1").hostGroup }
        }
        var port = 1_024
        for (number, peer) in peers.enumerated() {
            let line = solo.prove(peer)
            let see = (0..<8).map { Solo.endpoint("\(victim):\((port + $0) % 64_000 + 1_024)") }
            port += 8
            count(solo.receive(Telex(line: line, br: 0, see: see), from: peer))
            if number % 10 == 0 { count(solo.advance(by: .milliseconds(Int64(6_000_000 / attackers)))) }
        }
        count(solo.advance(by: .seconds(60)))
        let seconds = Double(begun.duration(to: solo.now) / .seconds(1))
        ThreatScale.report("T12 \(attackers) attackers: \(telexes) telexes in \(seconds) s to the victim")
        #expect(telexes >= 1, "it is dialled at all")
        #expect(Double(telexes) <= max(3, 0.1 * seconds))
    }

    /// Who asks for greetings without a line is asking us to send to somebody else.
    @Test func pop_whenStrangersAskForIt_greetsNobody() {
        let count = ThreatScale.count(5_000, full: 100_000)
        let solo = Solo(at: Self.home)
        var mesh = Mesh(seed: 13)
        let strangers = mesh.freshEndpoints(500)
        let targets = mesh.freshEndpoints(500)
        var greetings = 0
        for number in 0..<count {
            let signals = Signals(["+end": Self.home.nodeID.hex, "+pop": "th:\(targets[number % 500])"])
            let telex = Telex(ring: number % 2 == 0 ? 9 : nil, hop: number % 5, signals: signals)
            let sent =
                solo.receive(telex, from: strangers[(number &* 7) % 500]) + solo.advance(by: .milliseconds(1))
            greetings += sent.count { targets.contains($0.to) }
        }
        ThreatScale.report("T13 \(count) +pop of strangers: \(greetings) greetings")
        #expect(greetings == 0)
    }

    /// A flood of questions from everywhere uses up its own budget and nobody else's.
    @Test func lookup_whileStrangersFlood_succeedsAndLittleGoesOut() {
        let seconds = ThreatScale.count(3, full: 60)
        var scenario = MeshScenario(seed: 18, nodes: 30)
        scenario.mesh.observers = []
        scenario.mesh.run(for: .seconds(30))
        let flooder = Flooder(
            target: scenario.mesh.endpoint(of: 7), perMillisecond: ThreatScale.count(5, full: 100), seed: 18,
            until: scenario.mesh.now + .seconds(seconds))
        scenario.mesh.addPeer(flooder, at: [])
        let sentBefore = scenario.mesh.status(of: 7).counters["questions_answered"] ?? 0
        var lookups: [LookupID] = []
        for second in 0..<seconds {
            for number in 0..<5 {
                let id = LookupID(value: UInt64(lookups.count))
                scenario.mesh.lookUp(NodeID(sha1Of: "\(second)/\(number)"), as: id, from: 7)
                lookups.append(id)
                scenario.mesh.run(for: .milliseconds(200))
            }
        }
        scenario.mesh.run(for: .seconds(5))
        let found = lookups.count { (scenario.mesh.found[$0]?.closest.count ?? 0) == 8 }
        let answered = (scenario.mesh.status(of: 7).counters["questions_answered"] ?? 0) - sentBefore
        ThreatScale.report(
            "T18 \(scenario.mesh.counters.sentByPeers) forged questions: \(found) of \(lookups.count) lookups succeed")
        #expect(Double(found) >= 0.99 * Double(lookups.count))
        // 100 a second and a burst of 400 for strangers; the rest are real peers.
        #expect(answered <= UInt64(500 + 100 * (seconds + 6) + 40 * (seconds + 6)))
        scenario.expectNoViolation()
    }
}

/// Questions under forged names, each from an address of its own.
struct Flooder: ScriptedPeer {
    private let target: Endpoint
    private let perMillisecond: Int
    private let end: Instant
    private var random: SeededGenerator
    private(set) var nextWake = Instant.zero

    init(target: Endpoint, perMillisecond: Int, seed: UInt64, until end: Instant) {
        self.target = target
        self.perMillisecond = perMillisecond
        self.end = end
        random = SeededGenerator(seed: seed)
    }

    mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, at own: Endpoint, now: Instant, into sends: inout [ScriptedSend]
    ) {}

    mutating func wake(now: Instant, into sends: inout [ScriptedSend]) {
        for _ in 0..<perMillisecond {
            let bits = UInt32(truncatingIfNeeded: random.next())
            guard let forged = Endpoint(ipv4: bits, port: 4_000), forged.isPublic else { continue }
            let end = NodeID(sha1Of: "\(bits)")
            var writer = TelexWriter()
            if bits % 2 == 0 { writer.ring(Int(bits % 32_768) + 1) } else { writer.line(Int(bits >> 2) + 1) }
            writer.signals(Signals(["+end": end.hex]))
            sends.append(ScriptedSend(writer.finish(), from: forged, to: target))
        }
        nextWake = now < end ? now + .milliseconds(1) : .distantFuture
    }
}
