import Foundation
import Telehash
import TelehashWire
import Testing

@testable import MeshSimulator

/// Floods at one node: signals with wrong signatures, and questions of one socket (T29, T18).
@Suite struct ForgeryFloodTests {
    /// Whether the attacks are played on switches without what holds them off, to see what they do then.
    private static let showsTheHole = ProcessInfo.processInfo.environment["P2PMSG_THREATS_UNGUARDED"] != nil

    /// Of all that came to a node, what its receivers look at: 1,000 messages a second of each neighbour, in bursts of 10,000.
    private static func looked(at deliveries: [MeshDelivery]) -> [MeshDelivery] {
        var left: [Endpoint: (tokens: Double, at: Instant)] = [:]
        return deliveries.filter { delivery in
            var (tokens, at) = left[delivery.delivery.from] ?? (10_000, delivery.time)
            tokens = min(10_000, tokens + at.duration(to: delivery.time) / .seconds(1) * 1_000)
            defer { left[delivery.delivery.from] = (tokens, delivery.time) }
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }

    /// B's people send 43 messages while somebody sends B 3,000 forgeries a second. B's receivers need 50 ms to judge.
    @Test(arguments: [false, true])
    func forgeriesAtB_costBsPeopleNothingAtA(overALine: Bool) {
        var limits = Limits.default
        if Self.showsTheHole {
            limits.exchange.forgeriesOfOne.burst = 1e12
            limits.exchange.forgeriesOfAll.burst = 1e12
        }
        var crowd = MeshCrowd(seed: 29, nodes: 6, limits: limits)
        crowd.mesh.judgementDelay = .milliseconds(50)
        crowd.listen(6)
        let (b, others) = (crowd.listeners[0], crowd.listeners.dropFirst())
        let forger = crowd.mesh.freshEndpoint()
        crowd.mesh.addPeer(
            Forger(
                at: forger, against: crowd.mesh.endpoint(of: b), perTick: 30, overALine: overALine,
                random: crowd.mesh.freshGenerator()),
            at: [forger])
        crowd.mesh.run(for: .seconds(1))
        let pause = Duration.seconds(ThreatScale.count(10, full: 60)) / 43
        var said: [Signals] = []
        for number in 0..<43 {
            said.append(
                crowd.mesh.publish(["+key": "b", "+message": "of B \(number)"], to: MeshCrowd.wall, from: b).signals)
            crowd.mesh.run(for: pause)
        }
        crowd.mesh.run(for: .seconds(2))
        var (came, leaked) = (0, 0)
        for other in others {
            let looked = Self.looked(at: crowd.mesh.deliveries.filter { $0.node == other })
            came += said.count { signals in looked.contains { $0.delivery.signals == signals } }
            leaked = max(leaked, looked.count { $0.delivery.signals["+sig"] != nil })
        }
        let atB = crowd.mesh.deliveries.count { $0.node == b }
        ThreatScale.report(
            "forgeries at B \(overALine ? "over a line" : "without a line"): \(came) of \(43 * others.count) came, "
                + "\(leaked) forgeries at another node, \(atB) judged at B")
        #expect(came * 100 >= 43 * others.count * 99)
        #expect(leaked <= 400)
        #expect(atB <= 12_000)
    }

    /// B is an old node, or one without receivers, and passes on the 3,000 forgeries a second that it gets; the others judge.
    @Test(arguments: [false, true])
    func forgeriesThroughAnUnguardedB_costBsPeopleNothingAtA(overALine: Bool) {
        var crowd = MeshCrowd(seed: 31, nodes: 6)
        crowd.mesh.judgementDelay = .milliseconds(50)
        crowd.listen(6)
        let (b, others) = (crowd.listeners[0], crowd.listeners.dropFirst())
        crowd.mesh.withoutReceivers = [b]
        func say(_ text: String) -> Signals {
            crowd.mesh.publish(["+key": "b", "+message": text], to: MeshCrowd.wall, from: b).signals
        }
        _ = say("before")
        crowd.mesh.run(for: .seconds(1))
        let forger = crowd.mesh.freshEndpoint()
        crowd.mesh.addPeer(
            Forger(
                at: forger, against: crowd.mesh.endpoint(of: b), perTick: 30, overALine: overALine,
                random: crowd.mesh.freshGenerator()),
            at: [forger])
        crowd.mesh.run(for: .seconds(1))
        var said: [Signals] = []
        for number in 0..<43 {
            said.append(say("of B \(number)"))
            crowd.mesh.run(for: .seconds(ThreatScale.count(20, full: 120)) / 43)
        }
        crowd.mesh.run(for: .seconds(2))
        let came = others.reduce(0) { sum, other in
            let looked = Self.looked(at: crowd.mesh.deliveries.filter { $0.node == other })
            return sum + said.count { signals in looked.contains { $0.delivery.signals == signals } }
        }
        ThreatScale.report(
            "forgeries through an unguarded B \(overALine ? "over a line" : "without a line"): \(came) of "
                + "\(43 * others.count) came")
        #expect(came * 100 >= 43 * others.count * 99)
    }

    /// One host, of all its ports or of one, asks a seed 300 times a second who is near an end.
    @Test(arguments: [1, 100])
    func questionsOfOneHost_leaveNewcomersTheirPlace(ports: Int) {
        var mesh = Mesh(seed: 30)
        var limits = Limits.default
        if Self.showsTheHole {
            limits.lines.requestParts.ofNewcomers = 0
            limits.lines.requestParts.ofOne = 1
        }
        let seed = mesh.addNode(limits: limits)
        var random = SeededGenerator(seed: 30)
        let host = mesh.freshEndpoint()
        let count = ThreatScale.count(60, full: 300)
        var newcomers: [Int] = []
        var joined = 0
        for number in 0..<count {
            newcomers.append(mesh.addNode(seeds: [seed]))
            for step in 0..<300 {
                guard let sender = Endpoint(address: host.address, port: UInt16(5_000 + (number * 300 + step) % ports))
                else { continue }
                let question = Telex(signals: Signals(["+end": NodeID(sha1Of: "\(random.next())").hex]))
                mesh.inject(question.encoded(), from: sender, to: seed)
                mesh.run(for: .microseconds(3_333))
            }
            if mesh.status(of: newcomers[number]).proven > 0 { joined += 1 }
        }
        ThreatScale.report("one host asks on \(ports) ports: \(joined) of \(count) newcomers joined within a second")
        #expect(joined * 100 >= count * 99)
    }
}

/// Sends one node signals with wrong signatures, every ten milliseconds.
private struct Forger: ScriptedPeer {
    let own: Endpoint
    let victim: Endpoint
    let perTick: Int
    let overALine: Bool
    var nextWake = Instant.zero
    private var lines = ScriptedLines()
    private var random: SeededGenerator
    private var count = 0

    init(at own: Endpoint, against victim: Endpoint, perTick: Int, overALine: Bool, random: SeededGenerator) {
        (self.own, self.victim, self.perTick) = (own, victim, perTick)
        (self.overALine, self.random) = (overALine, random)
    }

    mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, at own: Endpoint, now: Instant, into sends: inout [ScriptedSend]
    ) {
        guard let telex = try? Telex.decode(datagram) else { return }
        _ = lines.didReceive(telex, size: datagram.count, at: own, from: sender, using: &random)
    }

    mutating func wake(now: Instant, into sends: inout [ScriptedSend]) {
        nextWake = now + .milliseconds(10)
        if overALine, lines[own, victim]?.ringIn == nil {
            var dial = lines.begin(from: own, to: victim, using: &random)
            dial.signals(Signals(["+end": MeshCrowd.wall.hex]))
            return sends.append(ScriptedSend(dial.finish(), from: own, to: victim))
        }
        for _ in 0..<perTick {
            count += 1
            var writer =
                overALine ? lines.begin(from: own, to: victim, using: &random) : TelexWriter(capacity: 512)
            writer.signals(
                Signals([
                    "+end": MeshCrowd.wall.hex, "+key": "somebody", "+message": "forged \(count)",
                    "+sig": Mesh.forgedSignature,
                ]))
            sends.append(ScriptedSend(writer.finish(), from: own, to: victim))
        }
    }
}
