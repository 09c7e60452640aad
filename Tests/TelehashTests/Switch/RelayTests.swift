import Telehash
import TelehashWire
import Testing

@Suite("Passing signals on")
struct RelayTests {
    private let tapper = Solo.endpoint("10.2.0.1:1000")
    private let author = Solo.endpoint("10.3.0.1:1000")
    private let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])

    private func tapped() -> (Solo, Int) {
        let solo = Solo()
        let line = solo.prove(tapper, isSwitch: false, br: nil)
        solo.receive(Telex(line: line, tap: [rule]), from: tapper)
        return (solo, line)
    }

    @Test("only the signals travel, one hop further, with a fresh header")
    func whatTravels() throws {
        let (solo, line) = tapped()
        let text = """
            {"_to":"1.2.3.4:5","_hop":1,"_br":77,"_ring":5,".see":["9.9.9.9:9"],"plain":"data","+n":5,\
            "+end":"\(NodeID.tweets.hex)","+key":"k"}
            """
        let copy = try #require(solo.receive(text, from: author).to(tapper).first?.telex)
        #expect(copy.to == tapper && copy.line == line && copy.ring == nil && copy.hop == 2)
        #expect(copy.signals == ["+end": NodeID.tweets.hex, "+key": "k", "+n": "5"])
        #expect(copy.fields.isEmpty && copy.see == nil && copy.tap == nil)
    }

    @Test("signals are relayed below hop 4 and delivered at any", arguments: 0...4)
    func hops(_ hop: Int) {
        let (solo, _) = tapped()
        solo.tap([.tweets])
        let sent = solo.receive(Telex(hop: hop, signals: .message("hop \(hop)")), from: author)
        #expect(sent.to(tapper).carrying("hop \(hop)").map(\.telex.hop) == (hop < 4 ? [hop + 1] : []))
        #expect(solo.deliveries.map(\.hop) == [hop])
        #expect(solo.deliveries.first?.from == author)
    }

    @Test("a hop that is no hop counts as 4", arguments: ["-1", "5", "2.7", "\"x\"", "1e9"])
    func badHops(_ hop: String) {
        let (solo, _) = tapped()
        let text = "{\"_hop\":\(hop),\"+end\":\"\(NodeID.tweets.hex)\",\"+key\":\"k\"}"
        #expect(solo.receive(text, from: author).isEmpty)
    }

    @Test("the same signals are relayed once in 10 s, however they are written")
    func onceIn10Seconds() {
        let (solo, _) = tapped()
        let telex = Telex(hop: 1, signals: .message("again"))
        #expect(solo.receive(telex, from: author).to(tapper).count == 1)
        solo.advance(by: .milliseconds(9_900))
        #expect(solo.receive(telex, from: author).to(tapper).isEmpty)
        let reordered = """
            {"+message":"\\u0061gain","+key":"an author","_hop":3,"+end":"\(NodeID.tweets.hex)"}
            """
        #expect(solo.receive(reordered, from: author).to(tapper).isEmpty)
        solo.advance(by: .milliseconds(200))
        #expect(solo.receive(telex, from: author).to(tapper).carrying("again").count == 1)
    }

    @Test("they are delivered here once in 10 minutes")
    func onceIn10Minutes() {
        let solo = Solo()
        solo.tap([.tweets])
        let telex = Telex(hop: 1, signals: .message("once"))
        for _ in 0..<3 {
            solo.receive(telex, from: author)
            solo.advance(by: .seconds(199))
        }
        #expect(solo.deliveries.count == 1)
        solo.advance(by: .seconds(4))
        solo.receive(telex, from: author)
        #expect(solo.deliveries.count == 2)
    }

    @Test("texts that only look the same are different signals")
    func byteWise() {
        let solo = Solo()
        solo.tap([.tweets])
        solo.receive(Telex(hop: 1, signals: .message("caf\u{e9}")), from: author)
        solo.receive(Telex(hop: 1, signals: .message("cafe\u{301}")), from: author)
        #expect(solo.deliveries.count == 2)
    }

    @Test("the sender's own tap gets its echo")
    func echo() {
        let (solo, line) = tapped()
        let sent = solo.receive(Telex(line: line, signals: .message("mine")), from: tapper).to(tapper)
        #expect(sent.carrying("mine").map(\.telex.hop) == [1])
        #expect(sent.contains { $0.telex.see != nil }, "an end at hop 0 is a question too")
    }

    @Test("a tap ends with its line, 70 s after the last word")
    func tapEnds() {
        let (solo, _) = tapped()
        solo.advance(by: .seconds(69))
        #expect(solo.receive(Telex(hop: 1, signals: .message("a")), from: author).to(tapper).count == 1)
        solo.advance(by: .seconds(2))
        #expect(solo.receive(Telex(hop: 1, signals: .message("b")), from: author).to(tapper).isEmpty)
        #expect(solo.node.status(now: solo.now).tapsTheirs == 0)
        #expect(solo.counter("lines_purged") >= 1)
    }

    @Test("what does not fit into one frame is counted, not sent")
    func tooLong() {
        let (solo, _) = tapped()
        let telex = Telex(hop: 1, signals: .message(String(repeating: "x", count: 1450)))
        #expect(solo.receive(telex, from: author).to(tapper).isEmpty)
        #expect(solo.counter("relay_too_long") == 1)
        let fits = Telex(hop: 1, signals: .message(String(repeating: "x", count: 1250)))
        #expect(solo.receive(fits, from: author).to(tapper).first.map { $0.bytes.count <= 1472 } == true)
    }

    @Test("a burst of 4000 from clients without a line gets through, a flood does not")
    func strangerSignals() {
        let (solo, _) = tapped()
        solo.tap([.tweets])
        for number in 0..<6000 { solo.receive(Telex(hop: 1, signals: .message("\(number)")), from: author) }
        #expect(solo.deliveries.count == 4000)
        #expect(solo.counter("stranger_signal_rate") == 2000)
    }

    @Test("what there was no room for here is delivered when it comes again")
    func droppedDelivery() throws {
        let (solo, _) = tapped()
        solo.tap([.tweets])
        func come() -> Int {
            let before = solo.deliveries.count
            solo.receive(Telex(hop: 1, signals: .message("once more")), from: author)
            return solo.deliveries.count - before
        }
        #expect(come() == 1 && come() == 0)
        for _ in 0..<3 {
            solo.judge(try #require(solo.deliveries.last), as: .dropped)
            #expect(come() == 1 && come() == 0)
        }
        solo.judge(try #require(solo.deliveries.last), as: .genuine)
        #expect(come() == 0)
    }

    @Test("only our ends with a key are delivered")
    func ownTaps() {
        let solo = Solo()
        solo.tap([.tweets])
        solo.receive(Telex(hop: 1, signals: Signals(["+end": NodeID.tweets.hex])), from: author)
        solo.receive(Telex(hop: 1, signals: .message("other", end: NodeID(sha1Of: "other"))), from: author)
        solo.receive(Telex(hop: 1, signals: Signals(["+end": "no hash", "+key": "k"])), from: author)
        #expect(solo.deliveries.isEmpty)
        solo.tap([])
        solo.receive(Telex(hop: 1, signals: .message("late")), from: author)
        #expect(solo.deliveries.isEmpty)
    }
}

@Suite("Adopting what clients of 2011 throw at us")
struct AdoptionTests {
    private let client = Solo.endpoint("10.3.0.1:34344")

    /// A switch that is further from the end than the eight that it knows, or one that is nearer.
    private func solo(isClose: Bool) -> Solo {
        let end = NodeID.tweets
        let places = (0..<60).map { Solo.endpoint("10.30.\($0).1:42424") }.sorted {
            end.isCloser($0.nodeID, than: $1.nodeID)
        }
        let solo = Solo(at: isClose ? places[0] : places[59])
        for peer in places[1...9] { solo.prove(peer, br: nil) }
        return solo
    }

    @Test("they are handed to the eight closest, once")
    func adopts() {
        let solo = solo(isClose: false)
        let telex = Telex(hop: 1, signals: .message("from 2011"))
        let sent = solo.receive(telex, from: client).carrying("from 2011")
        #expect(sent.count == 8 && Set(sent.map(\.to)).count == 8)
        #expect(sent.allSatisfy { $0.telex.hop == 2 && $0.telex.line != nil })
        #expect(solo.receive(telex, from: client).carrying("from 2011").isEmpty)
        #expect(solo.counter("signals_adopted") == 1)
    }

    @Test("not if we are among the closest, nor beyond hop 1, nor without an end, nor greetings, nor from switches")
    func doesNot() {
        let close = solo(isClose: true)
        #expect(close.receive(Telex(hop: 1, signals: .message("x")), from: client).isEmpty)
        let far = solo(isClose: false)
        #expect(far.receive(Telex(hop: 2, signals: .message("x")), from: client).isEmpty)
        #expect(far.receive(Telex(hop: 1, signals: Signals(["+key": "k", "+message": "m"])), from: client).isEmpty)
        let pop = Signals(["+end": NodeID.tweets.hex, "+pop": "th:1.2.3.4:5", "+key": "k"])
        #expect(far.receive(Telex(hop: 1, signals: pop), from: client).isEmpty)
        let friend = Solo.endpoint("10.90.0.1:42424")
        let line = far.prove(friend, br: nil)
        #expect(far.receive(Telex(line: line, hop: 1, signals: .message("y")), from: friend).carrying("y").isEmpty)
        #expect(far.counter("signals_adopted") == 0)
    }

    @Test("a flood is adopted at a rate")
    func rate() {
        let solo = solo(isClose: false)
        for number in 0..<1000 { solo.receive(Telex(hop: 1, signals: .message("\(number)")), from: client) }
        #expect(solo.counter("signals_adopted") == 150)
        #expect(solo.counter("adoption_rate") == 850)
    }

    @Test(
        "one address that floods, with a line or without, keeps nobody from being adopted, and starts few lookups",
        arguments: [false, true])
    func oneFloods(overALine: Bool) {
        let solo = solo(isClose: false)
        let host = Solo.endpoint("10.4.0.1:5000")
        let line = overALine ? solo.prove(host, isSwitch: false, br: nil) : nil
        let regular = Solo.endpoint("10.3.0.2:34344")
        let lookups = solo.counter("lookups")
        var adopted = 0
        func isAdopted(_ text: String, from client: Endpoint) -> Bool {
            !solo.receive(Telex(hop: 1, signals: .message(text)), from: client).carrying(text).isEmpty
        }
        for second in 0..<25 {
            for number in 0..<390 {
                let junk = Signals(["+end": NodeID(sha1Of: "\(second)/\(number)").hex, "+x": "1"])
                solo.receive(Telex(line: line, hop: 1, signals: junk), from: host)
                solo.advance(by: .microseconds(2_564))
            }
            if isAdopted("new \(second)", from: Solo.endpoint("10.3.1.\(second + 1):34344")) { adopted += 1 }
            if isAdopted("again \(second)", from: regular) { adopted += 1 }
        }
        #expect(adopted == 50)
        // A burst of 30 and one a second.
        #expect(solo.counter("lookups") - lookups <= 30 + 26 + 5)
        #expect(solo.counter("signals_adopted") <= 50 + 150 + 10 * 26)
    }
}
