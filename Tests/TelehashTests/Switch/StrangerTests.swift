import Telehash
import TelehashWire
import Testing

@Suite("What strangers get")
struct StrangerTests {
    private let stranger = Solo.endpoint("10.9.0.1:5000")

    /// A switch that knows a dozen others.
    private func populated() -> Solo {
        let solo = Solo()
        for number in 0..<12 { solo.prove(Solo.endpoint("10.5.\(number).1:42424")) }
        return solo
    }

    @Test("a question of any size gets at most three times its bytes and four addresses")
    func factor() {
        let solo = populated()
        for size in stride(from: 20, through: 1400, by: 20) {
            solo.advance(by: .milliseconds(50))
            let sender = Solo.endpoint("10.8.\(size % 250).\(size / 250 + 1):5000")
            var text = "{\"+end\":\"\(NodeID.tweets.hex)\"}"
            if size > text.utf8.count + 10 {
                text = "{\"+end\":\"\(NodeID.tweets.hex)\",\"pad\":\"\(String(repeating: ".", count: size - 60))\"}"
            }
            let sent = solo.receive(text, from: sender)
            #expect(sent.allSatisfy { $0.to == sender })
            #expect(sent.byteCount <= 3 * text.utf8.count, "\(size)")
            #expect(sent.count == 1)
            #expect((sent.first?.telex.see?.count ?? 0) <= 4)
            if size > 120 { #expect(sent.first?.telex.see?.count == 4) }
        }
    }

    @Test("repeating a question never lifts the sum above three times the bytes, nor does silence")
    func factorOverTime() {
        let solo = populated()
        let text = "{\"+end\":\"\(NodeID.tweets.hex)\",\"_ring\":7}"
        var received = 0
        var sent = 0
        for _ in 0..<100 {
            received += text.utf8.count
            sent += solo.receive(text, from: stranger).to(stranger).byteCount
            sent += solo.advance(by: .seconds(1)).to(stranger).byteCount
            #expect(sent <= 3 * received)
        }
        #expect(sent > received)
    }

    @Test("a padded dial of ours is long enough for eight addresses")
    func padding() throws {
        let seed = Solo.endpoint("10.6.0.1:42424")
        let solo = Solo(seeds: [seed])
        let dial = try #require(solo.start().to(seed).first)
        #expect(dial.bytes.count == Limits.default.lines.dialBytes)
        let answer = Telex(
            to: Solo.endpoint("255.255.255.255:65535"), line: 1 << 30, br: dial.bytes.count,
            see: (0..<8).map { Solo.endpoint("255.255.255.25\($0 % 6):6553\($0 % 6)") })
        #expect(answer.encoded().count <= 3 * dial.bytes.count)
    }

    @Test("commands of strangers do nothing, and nothing answers them")
    func commands() {
        let solo = populated()
        for text in [
            "{\".see\":[\"10.7.0.1:1\"]}",
            "{\"_line\":12345,\".tap\":[{\"has\":[\"+key\"]}]}",
            "{\"_ring\":5,\".tap\":[{}],\".see\":[\"10.7.0.1:1\"]}", "{\"_to\":\"10.7.0.1:1\"}", "{}", "{\"_ring\":5}",
        ] {
            #expect(solo.receive(text, from: stranger).isEmpty, "\(text)")
        }
        #expect(solo.node.status(now: solo.now).tapsTheirs == 0)
        #expect(solo.advance(by: .seconds(2)).allSatisfy { $0.to != Solo.endpoint("10.7.0.1:1") })
    }

    @Test("questions of all strangers together are budgeted, those of proven peers are not")
    func requestBudget() {
        let solo = populated()
        var answered = 0
        for number in 0..<2000 {
            let sender = Solo.endpoint("10.\(20 + number / 250).\(number % 250).1:5000")
            answered += solo.receive("{\"+end\":\"\(NodeID.tweets.hex)\"}", from: sender).count
        }
        #expect(answered <= 400 && answered > 350)
        #expect(solo.counter("request_rate") >= 1600)
        let friend = Solo.endpoint("10.77.0.1:42424")
        solo.advance(by: .seconds(1))
        let line = solo.prove(friend)
        for number in 0..<500 {
            let telex = Telex(line: line, br: 1_000_000 + number * 1000, signals: Signals(["+end": NodeID.tweets.hex]))
            #expect(solo.receive(telex, from: friend).to(friend).contains { $0.telex.see != nil })
        }
    }

    @Test("ten thousand addresses leave at most 4096 lines and every proven one")
    func tableFlood() {
        var limits = Limits.default
        limits.lines.requests.perSecond = 1_000_000
        limits.lines.requests.burst = 1_000_000
        let solo = Solo(limits: limits)
        let friend = Solo.endpoint("10.77.0.1:42424")
        let line = solo.prove(friend)
        for number in 0..<10_000 {
            let sender = Solo.endpoint("10.\(100 + number / 250).\(number % 250).1:5000")
            solo.receive("{\"+end\":\"\(NodeID.tweets.hex)\",\"_ring\":9}", from: sender)
        }
        let status = solo.node.status(now: solo.now)
        #expect(status.ringing == 4096)
        #expect(status.proven == 1)
        let answer = solo.receive(Telex(line: line, signals: Signals(["+end": NodeID.tweets.hex])), from: friend)
        #expect(!answer.to(friend).isEmpty)
    }

    @Test(
        "an end that is no hash is not answered", arguments: ["", "0", "x", "8bf1", String(repeating: "g", count: 40)])
    func malformedEnd(_ end: String) {
        let solo = Solo()
        #expect(solo.receive(Telex(signals: Signals(["+end": end])), from: stranger).isEmpty)
        #expect(solo.counter("end_malformed") == 1)
    }

    @Test("a proven peer gets up to eight addresses and ours")
    func provenSee() throws {
        let solo = populated()
        let peer = Solo.endpoint("10.66.0.1:42424")
        let line = solo.prove(peer)
        let sent = solo.receive(Telex(line: line, br: 500, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
        let see = try #require(sent.to(peer).compactMap(\.telex.see).first)
        #expect(see.count == 8 || see.count == 9)
        #expect(!see.contains(peer))
    }
}
