import MeshSimulator
import TelehashWire
import TestSupport
import Testing

@testable import MeshSimulator
@testable import Telehash

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
                if solo.node.exchange.lines.slot(of: sender).map({ solo.node.exchange.lines[$0].isProven }) != true {
                    lines[datagram.from] = solo.prove(sender)
                }
                telex.ring = nil
                telex.line = lines[datagram.from]
                telex.br = nil
            }
            solo.receive(telex, from: sender)
            for delivery in solo.deliveries where delivery.signals["+sig"] != nil {
                solo.node.didAccept(delivery.token)
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
        let hosts = solo.node.exchange.lines.proven.filter(\.isSwitch).map { solo.node.exchange.lines[$0.slot] }
        #expect(hosts.count >= 3)
        for host in hosts {
            #expect(host.tapHeld.ends == [Self.wall], "\(host.endpoint)")
        }
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
                let slot = node.exchange.lines.slot(of: endpoint)
                #expect(
                    slot.map { node.exchange.lines[$0].tapHeld.ends } == [MeshCrowd.wall],
                    "\(listener) at \(endpoint == spared ? "the spared one" : "\(other)")")
            }
            if !isSigned { #expect(node.exchange.silentHosts.hosts(of: MeshCrowd.wall).isEmpty) }
        }
        #expect(crowd.delivery(of: 10) == 1)
    }
}
