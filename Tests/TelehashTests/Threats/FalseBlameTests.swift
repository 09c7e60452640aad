import MeshSimulator
import Telehash
import TelehashWire
import TestSupport
import Testing

@testable import MeshSimulator

/// Hosts that look as if they dropped messages, and don't: nobody loses a tap.
@Suite struct FalseBlameTests {
    private static let wall = Solo.node("8bf1cce916417d16b7554135b6b075fb16dd26ce")

    /// One of ours in a recorded session: it gets what it got then, from the same peers at the same times, and its receiver
    /// accepts what is signed.
    private func replay(_ session: String, at place: String, until end: Double = .infinity) throws -> Solo {
        let home = Solo.endpoint(place)
        let solo = Solo(at: home)
        solo.tap([Self.wall])
        let start = solo.now
        var lines: [String: Int] = [:]
        for datagram in try Vectors.transcript(session) where datagram.to == place && datagram.time < end {
            let moment = start.advanced(by: .milliseconds(Int(datagram.time * 1_000)))
            if solo.now < moment { solo.advance(by: solo.now.duration(to: moment)) }
            guard var telex = try? Telex.decode(datagram.bytes) else { continue }
            let sender = Solo.endpoint(datagram.from)
            if telex.ring != nil || telex.line != nil {
                if !solo.node.hasProvenLine(to: sender) { lines[datagram.from] = solo.prove(sender) }
                telex.ring = nil
                telex.line = lines[datagram.from]
                telex.br = nil
            }
            solo.receive(telex, from: sender)
            for delivery in solo.deliveries where delivery.signals["+sig"] != nil {
                solo.judge(delivery, as: .genuine)
            }
        }
        solo.advance(by: .seconds(10))
        return solo
    }

    @Test(
        arguments: ["silent-host-ours", "silent-host-original", "silent-host-stranger", "burst-150"],
        ["127.0.0.1:5001", "127.0.0.1:5002", "127.0.0.1:5003"])
    func host_inARecordedSession_isNotBlamed(_ session: String, _ place: String) throws {
        let solo = try replay(session, at: place)
        #expect(solo.deliveries.count > 5)
        #expect(solo.counter("hosts_judged") == 0)
        let hosts = solo.node.provenSwitches
        #expect(hosts.count >= 3)
        for host in hosts { #expect(solo.node.tappedEnds(at: host) == [Self.wall], "\(host)") }
    }

    /// Four of the five that are closest to the wall tap it; the fifth has no tap and so never gets what a stranger gives to
    /// one or two of the others.
    @Test(arguments: [1, 100], [false, true])
    func strangers_thatSpareOneOfTheClosest_costItNoTap(_ addresses: Int, isSigned: Bool) {
        var crowd = MeshCrowd(seed: 27, nodes: 5)
        crowd.listen(4)
        let spared = crowd.mesh.endpoint(of: crowd.honest.first { !crowd.listeners.contains($0) } ?? 0)
        for number in 0..<(isSigned ? 60 : 12) {
            var signals = ["+end": MeshCrowd.wall.hex, "+key": "rubbish \(number)"]
            if isSigned { signals["+message"] = "a stranger's \(number)" }
            let telex = Telex(hop: number % 2, signals: Signals(signals)).encoded()
            let sender = Solo.endpoint("66.77.\(number % addresses).9:5000")
            for listener in crowd.listeners.prefix(isSigned ? 2 : 1) {
                crowd.mesh.inject(telex, from: sender, to: listener)
            }
            crowd.mesh.run(for: .seconds(6))
        }
        for listener in crowd.listeners {
            let node = crowd.mesh.nodes[listener].node
            for other in crowd.honest where other != listener {
                let endpoint = crowd.mesh.endpoint(of: other)
                #expect(
                    node.tappedEnds(at: endpoint) == [MeshCrowd.wall],
                    "\(listener) at \(endpoint == spared ? "the spared one" : "\(other)")")
            }
            if !isSigned { #expect(node.silentHosts(of: MeshCrowd.wall).isEmpty) }
        }
        #expect(crowd.delivery(of: 10) == 1)
    }

    /// Two of our hosts bring messages that they made up, a minute long, at the hops of ones that all hosts got.
    @Test func hostsThatMissInventedMessages_loseNothing() {
        let solo = Solo()
        let near = (0..<200).map(Endpoint.spread).sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
        var lines: [Int] = []
        for host in near[0..<6] { lines.append(solo.prove(host)) }
        solo.tap([.tweets])
        for second in 0..<60 {
            for number in 0..<10 {
                for liar in 0..<2 {
                    let invented = Signals.message("invented \(second), \(number)")
                    solo.receive(
                        Telex(to: Solo.home, line: lines[liar], br: 1 << 30, hop: liar, signals: invented),
                        from: near[liar])
                }
                if let last = solo.deliveries.last { solo.judge(last, as: .forged) }
            }
            for (host, line) in lines.enumerated() {
                solo.receive(Telex(to: Solo.home, line: line, br: 1 << 30, see: []), from: near[host])
            }
            solo.advance(by: .seconds(1))
        }
        #expect(solo.counter("signals_forged") > 200)
        #expect(solo.counter("hosts_judged") == 0)
        #expect(solo.node.silentHosts(of: .tweets).isEmpty)
        for host in near[0..<6] { #expect(solo.node.tappedEnds(at: host) == [.tweets], "\(host)") }
    }

    /// Those that stay speak in turn, so that each of them finds that the others leave its copies unanswered. Those are passed over,
    /// and it is nobody's doing that they bring nothing.
    @Test(arguments: [false, true])
    func hosts_thatLeftWithoutAWord_areNotBlamed(broughtSome: Bool) {
        var crowd = MeshCrowd(seed: 33, nodes: 5)
        crowd.listen(5)
        for _ in 0..<3 {
            let leaver = crowd.mesh.addNode(seeds: [crowd.honest[0]])
            crowd.mesh.tap([MeshCrowd.wall], at: leaver)
            crowd.mesh.run(for: .seconds(broughtSome ? 2 : 5))
            if broughtSome { _ = crowd.delivery(of: 4) }
            crowd.mesh.kill(leaver)
            #expect(crowd.delivery(of: 50) == 1)
        }
        for listener in crowd.listeners {
            let counters = crowd.mesh.status(of: listener).counters
            #expect(counters["switches_passed_over"] ?? 0 >= 3, "\(listener)")
            #expect(counters["hosts_judged"] == 0, "\(listener)")
        }
    }

    /// Others may depend on a host that brings nothing to us, and it may have been blamed wrongly.
    @Test func host_thatIsBlamed_staysTappedBesideAnother_andGetsWhatWePublish() {
        let solo = Solo()
        let near = (0..<200).map(Endpoint.spread).sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
        var lines: [Int] = []
        for host in near[0..<9] { lines.append(solo.prove(host)) }
        solo.tap([.tweets])
        func tapped() -> [Endpoint] {
            near.filter { solo.node.tappedEnds(at: $0) == [.tweets] }
        }
        #expect(tapped() == Array(near[0..<8]))
        for number in 0..<4 {
            for host in 1..<8 {
                solo.receive(
                    Telex(to: Solo.home, line: lines[host], hop: 2, signals: .message("\(number)")), from: near[host])
            }
            solo.acceptDeliveries()
            solo.advance(by: .seconds(6))
        }
        #expect(solo.node.silentHosts(of: .tweets) == [near[0]])
        #expect(solo.counter("hosts_judged") == 1)
        #expect(tapped() == Array(near[0..<9]))
        let sent = solo.publish(.message("to everybody"), end: .tweets).carrying("to everybody")
        #expect(Set(sent.map(\.to)) == Set(near[0..<9]))
    }
}
