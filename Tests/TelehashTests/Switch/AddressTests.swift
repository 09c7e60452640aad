import Telehash
import TelehashWire
import Testing

@Suite("Our own address")
struct AddressTests {
    private let truth = Solo.endpoint("90.1.2.3:42424")
    private let lie = Solo.endpoint("91.1.2.3:42424")

    @Test("a stranger's _to teaches nothing, a client's of 2011 neither")
    func strangers() {
        let solo = Solo(at: nil)
        for number in 0..<20 {
            let sender = Solo.endpoint("7\(number % 10).1.\(number).1:34344")
            solo.receive(
                Telex(to: Solo.endpoint("208.68.163.247:42424"), hop: 1, signals: .message("\(number)")), from: sender)
            solo.receive(Telex(to: lie, signals: Signals(["+end": NodeID.tweets.hex])), from: sender)
        }
        #expect(solo.node.status(now: solo.now).address == nil)
    }

    @Test("an unproven answer of a seed teaches nothing; a proven one does, and our place and taps follow")
    func seedAnswer() throws {
        let seed = Solo.endpoint("70.1.1.1:42424")
        let solo = Solo(at: nil, seeds: [seed])
        let ring = try #require(solo.start().to(seed).first?.telex.ring)
        solo.receive(Telex(to: lie, see: []), from: seed)
        #expect(solo.node.status(now: solo.now).address == nil)
        let told = solo.receive(Telex(to: truth, line: ring * 3, br: 176, see: []), from: seed)
        let status = solo.node.status(now: solo.now)
        #expect(status.address == truth && status.id == truth.nodeID)
        let tap = told.to(seed).compactMap(\.telex.tap).last
        #expect(tap == [TapRule(is: ["+end": truth.nodeID.hex], has: ["+pop"])])
    }
}

extension AddressTests {
    @Test("a seed that sends our own telex back is taken for ourselves, until somebody says where we are")
    func mirror() throws {
        let seed = Solo.endpoint("70.1.1.1:42424")
        let solo = Solo(at: nil, seeds: [lie, seed])
        let dials = solo.start()
        let mirrored = try #require(dials.to(lie).first?.telex.ring)
        solo.receive(Telex(to: lie, ring: mirrored), from: lie)
        #expect(solo.node.status(now: solo.now).address == lie)
        let ring = try #require((dials + solo.advance(by: .seconds(3))).to(seed).last?.telex.ring)
        solo.receive(Telex(to: truth, line: ring * 3, br: 176, see: []), from: seed)
        #expect(solo.node.status(now: solo.now).address == truth)
    }
}

extension AddressTests {
    @Test("who guesses the ring of our dial in a seed's name makes us believe nothing")
    func guessedMirror() {
        let solo = Solo(at: nil, seeds: [lie])
        solo.start()
        for ring in 1...32_768 { solo.receive(Telex(to: lie, ring: ring), from: lie) }
        #expect(solo.node.status(now: solo.now).address == nil && solo.counter("from_self") == 0)
    }

    @Test("a seed that sent our telex back is dialled again later, and heard when it answers")
    func formerMirror() throws {
        let solo = Solo(at: nil, seeds: [lie])
        let mirrored = try #require(solo.start().to(lie).first?.telex.ring)
        solo.receive(Telex(to: lie, ring: mirrored), from: lie)
        solo.receive(Telex(to: lie, ring: 7), from: lie)
        #expect(solo.counter("from_self") == 1)
        let dial = (0..<900).lazy.compactMap { _ in solo.advance(by: .seconds(1)).to(lie).last?.telex.ring }.first
        solo.receive(Telex(to: truth, line: try #require(dial) * 3, br: 176, see: []), from: lie)
        let status = solo.node.status(now: solo.now)
        #expect(status.address == truth && status.proven == 1)
    }
}

@Suite("Greetings through NATs")
struct PopTests {
    private let friend = Solo.endpoint("10.2.0.1:42424")

    private func pop(_ target: String, for place: NodeID = Solo.home.nodeID) -> Signals {
        Signals(["+end": place.hex, "+pop": target])
    }

    @Test("a proven peer's request is granted once in 30 s for a target; a stranger's never")
    func budget() {
        let solo = Solo()
        let target = Solo.endpoint("10.66.0.1:5")
        let line = solo.prove(friend)
        #expect(solo.receive(Telex(hop: 1, signals: pop("th:10.66.0.1:5")), from: Solo.endpoint("10.9.9.9:1")).isEmpty)
        var greetings = 0
        for _ in 0..<100 {
            let sent = solo.receive(Telex(line: line, hop: 1, signals: pop("th:10.66.0.1:5")), from: friend).to(target)
            #expect(sent.allSatisfy { $0.telex.signals.isEmpty && $0.telex.ring != nil })
            greetings += sent.count
        }
        #expect(greetings == 1)
        for _ in 0..<31 {
            solo.advance(by: .seconds(1))
            solo.receive(Telex(line: line, signals: Signals(["+end": NodeID.tweets.hex])), from: friend)
        }
        #expect(
            solo.receive(Telex(line: line, hop: 2, signals: pop("th:10.66.0.1:5")), from: friend).to(target).count == 1)
    }

    @Test("100,000 requests of strangers send nothing")
    func strangers() {
        let solo = Solo()
        var sent = 0
        for number in 0..<10_000 {
            let sender = Solo.endpoint("10.\(number % 200 + 3).1.1:7")
            sent += solo.receive(Telex(hop: 1, signals: pop("th:10.66.\(number % 250).1:5")), from: sender).count
        }
        #expect(sent == 0)
    }

    @Test(
        "what is no request for us, or names nonsense, is refused",
        arguments: [
            "th:0.0.0.0:1", "th:224.1.1.1:5", "10.66.0.1:5", "th:example.org:5", "th:10.1.0.1:42424", "th:",
            "th:10.66.0.1:0",
        ])
    func nonsense(_ target: String) {
        let solo = Solo()
        let line = solo.prove(friend)
        #expect(solo.receive(Telex(line: line, hop: 1, signals: pop(target)), from: friend).isEmpty)
        #expect(
            solo.receive(Telex(line: line, hop: 1, signals: pop("th:10.66.0.1:5", for: .tweets)), from: friend).isEmpty)
    }

    @Test("at most ten targets a second, after a burst")
    func rate() {
        let solo = Solo()
        let line = solo.prove(friend)
        var greeted = 0
        for number in 0..<500 {
            greeted +=
                solo.receive(
                    Telex(line: line, br: 0, hop: 1, signals: pop("th:10.70.\(number % 250).\(number / 250 + 1):5")),
                    from: friend
                )
                .filter { $0.to != friend }.count
        }
        #expect(greeted <= 20 && greeted > 10)
    }

    @Test("whoever names a switch that does not answer our dial is asked to make it greet us")
    func asks() throws {
        let solo = Solo()
        let line = solo.prove(friend)
        let named = Solo.endpoint("10.80.0.1:42424")
        let sent = solo.receive(Telex(line: line, see: [named]), from: friend)
        #expect(sent.to(named).count == 1 && !sent.contains { $0.telex.signals["+pop"] != nil })
        let later = solo.advance(by: .seconds(3))
        #expect(later.to(named).count == 1)
        let request = try #require(later.to(friend).first { $0.telex.signals["+pop"] != nil }?.telex)
        #expect(request.signals == ["+end": named.nodeID.hex, "+pop": "th:\(Solo.home)"])
        #expect(request.hop == 1)
    }

    @Test("a greeting from a switch that we dial is answered with what we wanted to ask, and the line is proven")
    func greeted() throws {
        let solo = Solo()
        let line = solo.prove(friend)
        let named = Solo.endpoint("10.80.0.1:42424")
        let dial = try #require(solo.receive(Telex(line: line, see: [named]), from: friend).to(named).first)
        let again = try #require(solo.receive(Telex(to: Solo.home, ring: 21, br: 0), from: named).to(named).first)
        #expect(again.telex.line == dial.telex.ring.map { $0 * 21 })
        #expect(again.telex.signals["+end"] == Solo.home.nodeID.hex)
        solo.receive(Telex(line: again.telex.line, see: []), from: named)
        #expect(solo.node.status(now: solo.now).proven == 2)
    }

    @Test("two switches behind NATs meet through a third")
    func holePunching() {
        let wire = Wire()
        let seed = Endpoint.spread(0)
        let hidden = [Endpoint.spread(1), .spread(2)]
        var opened: Set<[Endpoint]> = []
        // A NAT lets in only what answers something that went out.
        wire.loses = { datagram in
            opened.insert([datagram.from, datagram.to])
            return hidden.contains(datagram.to) && !opened.contains([datagram.to, datagram.from])
        }
        wire.add(seed)
        for address in hidden { wire.add(address, seeds: [seed], ends: [.tweets], knowsItself: false) }
        wire.run(for: .seconds(5))
        wire.kill(seed)
        wire.publish("hole punched", from: hidden[0])
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[hidden[1]] == ["hole punched"])
    }
}
