import Telehash
import TelehashWire
import Testing

@Suite("Keeping lines and letting them go")
struct MaintenanceTests {
    private let peer = Solo.endpoint("10.2.0.1:42424")

    @Test("a proven peer hears from us at least every 25 s, and gets our tap each time")
    func keepalive() {
        let solo = Solo()
        solo.tap([.tweets])
        let line = solo.prove(peer)
        var silence = 0
        var longest = 0
        for _ in 0..<300 {
            let sent = solo.advance(by: .seconds(1)).to(peer)
            silence = sent.contains { $0.telex.tap?.count == 2 } ? 0 : silence + 1
            longest = max(longest, silence)
            #expect(sent.allSatisfy { $0.telex.line == line })
            if !sent.isEmpty { solo.receive(Telex(line: line, br: 1_000_000, see: []), from: peer) }
        }
        #expect(longest <= 25)
        #expect(solo.node.status(now: solo.now).proven == 1)
    }

    @Test("the tap names our ends with their key and ourselves with pop, and is complete each time")
    func tapRules() throws {
        let solo = Solo()
        solo.tap([.tweets, NodeID(sha1Of: "other")])
        solo.prove(peer)
        let tap = try #require(solo.advance(by: .seconds(26)).to(peer).compactMap(\.telex.tap).last)
        #expect(
            Set(tap) == [
                TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"]),
                TapRule(is: ["+end": NodeID(sha1Of: "other").hex], has: ["+key"]),
                TapRule(is: ["+end": Solo.home.nodeID.hex], has: ["+pop"]),
            ])
    }

    @Test("a new end is tapped at once, and one that is given up is taken out")
    func tapChanges() {
        let solo = Solo()
        solo.prove(peer)
        let taps = solo.tap([.tweets]).to(peer).compactMap(\.telex.tap)
        #expect(taps.count == 1 && taps.first?.count == 2)
        solo.tap([])
        let later = solo.advance(by: .seconds(26)).to(peer).compactMap(\.telex.tap)
        #expect(later.last?.count == 1)
    }

    @Test("only the eight closest to an end hold its tap; our neighbours hold the one for greetings")
    func hosts() {
        let solo = Solo()
        solo.tap([.tweets])
        let peers = (0..<20).map { Solo.endpoint("10.40.\($0).1:42424") }
        var last: [Endpoint: Int] = [:]
        for peer in peers {
            let dial = Telex(ring: 9, signals: Signals(["+end": NodeID.tweets.hex]))
            let line = solo.receive(dial, from: peer).to(peer).last?.telex.line
            for sent in solo.receive(Telex(line: line, see: []), from: peer) {
                if let tap = sent.telex.tap { last[sent.to] = tap.count }
            }
        }
        for sent in solo.advance(by: .seconds(25)) { if let tap = sent.telex.tap { last[sent.to] = tap.count } }
        let closest = peers.sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }.prefix(8)
        let neighbours = peers.sorted { Solo.home.nodeID.isCloser($0.nodeID, than: $1.nodeID) }.prefix(8)
        for peer in closest { #expect(last[peer] == 2) }
        for peer in neighbours where !closest.contains(peer) { #expect(last[peer] == 1) }
    }

    @Test("a silent line is purged after 70 s, with its entry in the table")
    func purge() {
        let solo = Solo()
        solo.prove(peer)
        solo.advance(by: .seconds(69))
        #expect(solo.node.status(now: solo.now).proven == 1)
        solo.advance(by: .seconds(2))
        let status = solo.node.status(now: solo.now)
        #expect(status.proven == 0 && status.buckets.isEmpty && status.switches == 0)
        let again = solo.advance(by: .seconds(86_400)).to(peer).count
        #expect((6...900).contains(again), "whom we knew is dialled again, more and more seldom: \(again) times")
    }

    @Test("a stranger's record goes too")
    func purgeStranger() {
        let solo = Solo()
        solo.receive(Telex(ring: 3, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
        #expect(solo.node.status(now: solo.now).ringing == 1)
        solo.advance(by: .seconds(72))
        #expect(solo.node.status(now: solo.now).ringing == 0)
        #expect(solo.node.nextDeadline > solo.now.advanced(by: .seconds(1)), "nothing is left to sweep")
    }

    @Test("datagrams that seem to come from ourselves are dropped")
    func ownAddress() {
        let solo = Solo()
        #expect(solo.receive(Telex(ring: 3, signals: Signals(["+end": NodeID.tweets.hex])), from: Solo.home).isEmpty)
        #expect(solo.counter("from_self") == 1)
    }

    @Test(
        "datagrams that seem to come from addresses that nobody can have are dropped",
        arguments: [
            "224.0.0.1:42424", "0.0.0.0:42424", "255.255.255.255:9",
        ])
    func martians(_ sender: String) {
        let solo = Solo()
        let dial = Telex(ring: 3, signals: Signals(["+end": NodeID.tweets.hex]))
        #expect(solo.receive(dial, from: Solo.endpoint(sender)).isEmpty)
        #expect(solo.counter("from_martian") == 1)
        #expect(solo.node.status(now: solo.now).ringing == 0)
    }

    @Test("ten thousand random datagrams later a good peer is served as before")
    func noise() throws {
        let solo = Solo()
        solo.tap([.tweets])
        let line = solo.prove(peer)
        var random = Seeded(seed: 1234)
        let pieces = [
            "{", "}", "[", "]", "\"_line\":", "\"_ring\":", "\"_br\":", "\"+end\":", "\".see\":", "\".tap\":",
            "\"_hop\":", ",", "1", "-5", "1e9", "\"x\"", "null", "\"\\u0000\"", "\u{1F600}",
        ]
        for number in 0..<10_000 {
            let sender = number % 10 == 0 ? peer : Solo.endpoint("10.60.\(number % 250).1:77")
            let bytes: [UInt8]
            if number % 2 == 0 {
                bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            } else {
                let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                    pieces.randomElement(using: &random) ?? ""
                }.joined()
                bytes = Array("{\(text)}".utf8)
            }
            solo.receive(bytes, from: sender)
        }
        let sent = solo.receive(
            Telex(line: line, br: 1_000_000, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
        #expect(sent.to(peer).contains { $0.telex.see != nil })
        let counted = solo.node.status(now: solo.now).counters
        #expect(counted.filter { $0.key.hasPrefix("telex_") }.values.reduce(0, +) > 5000)
    }

    @Test("every counter has its own readable name")
    func counterNames() {
        let names = Solo().node.status(now: .zero).counters.keys
        #expect(names.contains("line_wrong") && names.contains("telexes_received") && names.contains("telex_not_utf8"))
        #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" || $0.isNumber } })
    }
}
