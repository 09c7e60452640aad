import Telehash
import TelehashWire
import Testing

@Suite("Addresses that must not be dialled")
struct CrowdTests {
    private let networks = OwnNetworks([
        .init(address: Solo.endpoint("10.1.0.1:1").address, prefixLength: 16),
        .init(address: Solo.endpoint("[2001:db8:7::1]:1").address, prefixLength: 64),
    ])
    private let crowds = ["10.1.255.255:42424", "10.1.0.0:9", "255.255.255.255:1", "224.0.0.1:5", "0.0.0.0:7"]

    private func node(seeds: [Endpoint] = [], known: [Endpoint] = []) -> Solo {
        let solo = Solo(seeds: seeds, known: known)
        _ = solo.networkChanged(networks)
        return solo
    }

    @Test("a stranger, a proven switch, an old table and a seed name them in vain")
    func named() {
        let crowds = crowds.map(Solo.endpoint)
        let solo = node(seeds: crowds, known: crowds)
        var sent = solo.start()
        let peer = Solo.endpoint("10.1.0.7:42424")
        let line = solo.prove(peer)
        sent += solo.receive(
            Telex(to: Solo.home, see: crowds), from: Solo.endpoint("10.1.0.8:42424"))
        sent += solo.receive(
            Telex(to: Solo.home, line: line, br: 0, see: crowds + [Solo.endpoint("10.1.0.9:1")]), from: peer)
        sent += solo.lookUp(crowds[0].nodeID)
        sent += solo.advance(by: .seconds(120))
        #expect(sent.contains { $0.to == Solo.endpoint("10.1.0.9:1") }, "others that were named are dialled")
        for crowd in crowds { #expect(sent.to(crowd).isEmpty, "\(crowd)") }
    }

    @Test("nobody is made to greet one, and a datagram that claims to come from one is not answered")
    func greeted() {
        let solo = node()
        let line = solo.prove(Solo.endpoint("10.1.0.7:42424"))
        for crowd in crowds.map(Solo.endpoint) {
            let pop = Signals(["+end": Solo.home.nodeID.hex, "+pop": "th:\(crowd)"])
            let sent =
                solo.receive(
                    Telex(to: Solo.home, line: line, br: 0, hop: 1, signals: pop), from: Solo.endpoint("10.1.0.7:42424")
                )
                + solo.receive(
                    Telex(to: Solo.home, ring: 5, signals: Signals(["+end": NodeID.tweets.hex])), from: crowd)
            #expect(sent.to(crowd).isEmpty, "\(crowd)")
        }
        #expect(solo.counter("from_martian") == UInt64(crowds.count))
    }

    @Test("an address with a zone can't be named, so it is not dialled; neither is another family's")
    func zone() {
        let home = Solo.endpoint("[2001:db8:7::1]:42424")
        let solo = Solo(at: home)
        let peer = Solo.endpoint("[2001:db8:8::1]:42424")
        let (zoned, old) = (Solo.endpoint("[fe80::1]:5"), Solo.endpoint("203.0.113.7:5"))
        let line = solo.prove(peer)
        var sent = solo.receive(Telex(to: home, line: line, br: 0, see: [zoned, old]), from: peer)
        sent += solo.receive(Telex(to: home, ring: 5, signals: Signals(["+end": NodeID.tweets.hex])), from: zoned)
        sent += solo.advance(by: .seconds(30))
        #expect(sent.to(zoned).isEmpty && sent.to(old).isEmpty)
    }
}

@Suite("A network that comes and goes")
struct NetworkChangeTests {
    /// Switches 1 to `count`; number 1 is the others' seed.
    private func mesh(_ count: Int, knowsItself: Bool = true) -> Wire {
        let wire = Wire(latency: .milliseconds(20))
        wire.add(.spread(1), ends: [.tweets])
        for number in 2...count {
            wire.add(.spread(number), seeds: [.spread(1)], ends: [.tweets], knowsItself: knowsItself)
        }
        wire.run(for: .seconds(20))
        return wire
    }

    /// Nothing goes to or from a switch.
    private func cut(_ endpoint: Endpoint, on wire: Wire) {
        wire.loses = { $0.from == endpoint || $0.to == endpoint }
    }

    @Test("a switch that nobody answers any more knows that it is cut off, and that it is not when they do")
    func deaf() {
        let wire = mesh(3)
        #expect(!wire.status(.spread(3)).isDeaf)
        cut(.spread(3), on: wire)
        wire.run(for: .seconds(63))
        #expect(wire.status(.spread(3)).isDeaf, "a keepalive and three rounds of questions went unanswered")
        #expect(!wire.status(.spread(2)).isDeaf, "one peer is gone, not all")
        wire.loses = { _ in false }
        wire.run(for: .seconds(12))
        #expect(!wire.status(.spread(3)).isDeaf)
        #expect(wire.status(.spread(3)).switches == 2)
    }

    @Test("one lost question deafens nobody")
    func oneLoss() {
        let wire = mesh(2)
        var lost = 0
        wire.loses = { datagram in
            guard datagram.from == .spread(2), lost < 2 else { return false }
            lost += 1
            return true
        }
        for _ in 0..<120 {
            wire.run(for: .seconds(1))
            #expect(!wire.status(.spread(2)).isDeaf)
        }
        #expect(lost == 2)
    }

    @Test(
        "cut off for seconds or minutes, a switch is back within 15 s without anybody's help",
        arguments: [20, 45, 66, 72, 95, 300, 1_000])
    func outage(_ seconds: Int) {
        let wire = mesh(6)
        cut(.spread(3), on: wire)
        wire.run(for: .seconds(seconds))
        wire.loses = { _ in false }
        wire.run(for: .seconds(15))
        let status = wire.status(.spread(3))
        #expect(!status.isDeaf && status.switches >= 3, "\(status.switches) switches after \(seconds) s")
        wire.publish("there", from: .spread(5), as: 1)
        wire.publish("and back", from: .spread(3), as: 2)
        wire.run(for: .seconds(2))
        #expect(wire.deliveries[.spread(3)]?.last == "there")
        #expect(wire.deliveries[.spread(6)]?.contains("and back") == true)
    }

    @Test("a machine that slept is back as soon as it wakes, although its own clock stood still")
    func machineThatSlept_looksAround() {
        let wire = mesh(4)
        let sleeper = Endpoint.spread(3)
        // To the others it is silent for an hour; to itself no time passes.
        wire.freeze(sleeper, for: .seconds(3_600))
        for other in [1, 2, 4] { #expect(wire.status(.spread(other)).switches == 2) }
        wire.with(sleeper) { $0.wake(now: $1, using: &$2, into: &$3) }
        wire.run(for: .seconds(3))
        for other in [1, 2, 4] { #expect(wire.status(.spread(other)).switches == 3) }
        wire.publish("good morning", from: .spread(2), as: 1)
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[sleeper]?.last == "good morning")
    }

    @Test("a switch whose machine gets another address is back within seconds, and learns it from its seed")
    func otherAddress() {
        let wire = mesh(4, knowsItself: false)
        let (old, new) = (Endpoint.spread(3), Endpoint.spread(50))
        #expect(wire.status(old).address == old)
        wire.move(old, to: new)
        wire.with(new) { $0.networkChanged(OwnNetworks(), now: $1, using: &$2, into: &$3) }
        wire.run(for: .seconds(5))
        #expect(wire.status(new).address == new)
        #expect(wire.status(new).switches == 3)
        wire.publish("to the new address", from: .spread(4), as: 1)
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[new]?.last == "to the new address")
    }

    @Test("seeds whose addresses become known later are dialled at once, those that are gone no more")
    func seeds() {
        let wire = Wire()
        wire.add(.spread(0))
        wire.add(.spread(5), seeds: [.spread(7)])
        wire.run(for: .seconds(30))
        wire.with(.spread(5)) {
            $0.replaceSeeds([.spread(0)], awaitsMore: false, now: $1, using: &$2, into: &$3)
        }
        let dials = wire.log.count { $0.to == .spread(7) }
        wire.run(for: .seconds(1))
        #expect(wire.status(.spread(5)).switches == 1)
        wire.run(for: .seconds(1_000))
        #expect(wire.log.count { $0.to == .spread(7) } == dials)
    }

    @Test("a message waits for seeds whose names are still being looked up")
    func awaitedSeeds() {
        let solo = Solo()
        solo.start()
        solo.publish(.message("early"), end: .tweets, as: 1)
        #expect(solo.progress.last?.finished == true, "nobody will come")
        solo.node.awaitSeeds()
        solo.publish(.message("later"), end: .tweets, as: 2)
        #expect(solo.progress.last?.id.value != 2 || solo.progress.last?.finished == false)
        solo.replaceSeeds([Solo.endpoint("10.1.0.7:42424")], awaitsMore: false)
        solo.prove(Solo.endpoint("10.1.0.7:42424"))
        #expect(solo.progress.last?.handed == 1)
    }
}
