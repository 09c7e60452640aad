import Foundation
import Telehash
import TelehashWire
import Testing

/// Threats T1, T17 and T19 at their full numbers; a debug build, which is fifty times slower, takes a hundredth of them.
@Suite("Floods of forged telexes", .serialized, .timeLimit(.minutes(5)))
struct FloodTests {
    #if DEBUG
    private static let share = 100
    #else
    private static let share = 1
    #endif

    private static func populated(
        _ limits: Limits, peers: Int = 20
    ) -> (solo: Solo, lines: [(peer: Endpoint, line: Int)]) {
        let solo = Solo(limits: limits)
        let lines = (0..<peers).map { number in
            let peer = Solo.endpoint("10.5.\(number).1:42424")
            return (peer, solo.prove(peer))
        }
        return (solo, lines)
    }

    private static func unbudgeted() -> Limits {
        var limits = Limits.default
        limits.lines.requests.perSecond = 1e12
        limits.lines.requests.burst = 1e12
        limits.lines.strangerTelexes.perSecond = 1e12
        limits.lines.strangerTelexes.burst = 1e12
        return limits
    }

    /// A different address for each number up to 14 million; the peers' are as private, so that they may be named to it.
    private static func stranger(_ number: Int) -> Endpoint {
        guard let endpoint = Endpoint(ipv4: UInt32(0x0a20_0000 + number), port: 5_000) else {
            preconditionFailure("port 5000 is one")
        }
        return endpoint
    }

    /// A question that is `size` bytes long; below 51 bytes its end is too short to be one.
    private static func question(_ size: Int) -> [UInt8] {
        let hash = NodeID.tweets.hex
        let bare = "{\"+end\":\"\(hash)\"}"
        if size <= bare.utf8.count { return Array("{\"+end\":\"\(hash.prefix(max(0, size - 11)))\"}".utf8) }
        let pad = max(0, size - bare.utf8.count - 9)
        return Array("{\"+end\":\"\(hash)\",\"pad\":\"\(String(repeating: ".", count: pad))\"}".utf8)
    }

    @Test("a million questions of every size are never answered with more than three times their bytes, two on average")
    func reflection() {
        let (solo, _) = Self.populated(Self.unbudgeted())
        let questions = (20...1400).map(Self.question)
        var (largest, sum, answered) = (0.0, 0.0, 0)
        let count = 1_000_000 / Self.share
        for number in 0..<count {
            let bytes = questions[number % questions.count]
            let sender = Self.stranger(number)
            let sent = solo.receive(bytes, from: sender)
            let toOthers = sent.count { $0.to != sender }
            #expect(toOthers == 0)
            let ratio = Double(sent.byteCount) / Double(bytes.count)
            largest = max(largest, ratio)
            sum += ratio
            if ratio > 0 { answered += 1 }
            if number % 1000 == 0 { solo.now = solo.now.advanced(by: .milliseconds(1)) }
        }
        print("largest amplification \(largest), mean \(sum / Double(answered)) over \(answered) answers")
        #expect(largest <= 3)
        #expect(sum / Double(answered) <= 2)
        #expect(answered > count * 9 / 10)
    }

    @Test("ten million senders take no memory and no proven line", arguments: [false, true])
    func tableExhaustion(isBudgeted: Bool) throws {
        let (solo, lines) = Self.populated(isBudgeted ? .default : Self.unbudgeted())
        let texts = [
            "{\"+end\":\"\(NodeID.tweets.hex)\",\"_ring\":9}", "{\"_ring\":77}", "{\"_line\":123456,\"_br\":5}",
            "{\"+end\":\"\(NodeID.tweets.hex)\",\"+message\":\"x\"}", "{\"_line\":99,\".tap\":[{\"has\":[\"+key\"]}]}",
        ].map { Array($0.utf8) }
        let before = try Self.residentBytes()
        // 100,000 a second.
        for number in 0..<10_000_000 / Self.share {
            solo.receive(texts[number % texts.count], from: Self.stranger(number))
            if number % 10_000 == 0 { solo.advance(by: .milliseconds(100)) }
            guard number % 1_000_000 == 0 else { continue }
            for (peer, line) in lines {
                solo.receive(Telex(line: line, br: 1 << 40, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
            }
        }
        let growth = try Self.residentBytes() - before
        let status = solo.node.status(now: solo.now)
        print("\(growth >> 10) kB more after \(10_000_000 / Self.share) senders, \(status.ringing) ringing lines")
        // Without a budget for questions the lines that ring are all used, which they never are in production.
        #expect(growth <= (isBudgeted ? 5 : 16) << 20)
        #expect(status.proven == lines.count)
        #expect(status.ringing <= Limits.default.lines.unprovenLines)
        if !isBudgeted, Self.share == 1 { #expect(status.ringing > Limits.default.lines.unprovenLines / 2) }
    }

    private static func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test("fifty forgeries a second in a peer's name stop neither its telexes nor its tap")
    func forgeriesInAPeersName() {
        let (solo, lines) = Self.populated(.default, peers: 2)
        solo.tap([.tweets])
        let (peer, line) = lines[0]
        let (other, otherLine) = lines[1]
        solo.receive(
            Telex(line: line, tap: [TapRule(is: ["+end": NodeID.tweets.hex], has: ["+message"])]), from: peer)
        // Older than the ten seconds in which a telex without a line is read.
        solo.advance(by: .seconds(15))
        let forgeries: [(Int) -> String] = [
            { "{\"_line\":\(1 + $0 * 7919 % (1 << 30)),\"+end\":\"\(NodeID.tweets.hex)\",\"+message\":\"f\($0)\"}" },
            { "{\"_ring\":\(1 + $0 % 32_768),\"+end\":\"\(NodeID.tweets.hex)\"}" },
            { "{\"_line\":\(1 + $0 * 104_729 % (1 << 30)),\"_br\":999999999,\".tap\":[]}" },
            { "{\"+end\":\"\(NodeID.tweets.hex)\",\"+message\":\"forged \($0)\"}" },
            { _ in String(repeating: "x", count: 1400) },
        ]
        var (sent, received, copies) = (0, 0, 0)
        for number in 0..<3_000 {
            solo.receive(forgeries[number % forgeries.count](number), from: peer)
            solo.advance(by: .milliseconds(20))
            guard number % 5 == 0 else { continue }
            sent += 1
            let before = solo.deliveries.count
            // What it has received it reports, as every switch does.
            let echo = solo.receive(
                Telex(line: line, br: 1 << 30, hop: 1, signals: .message("genuine \(number)")), from: peer)
            received += solo.deliveries.count - before
            copies += echo.to(peer).carrying("genuine \(number)").count
            // And what others say reaches it.
            let relayed = solo.receive(
                Telex(line: otherLine, br: 1 << 30, hop: 1, signals: .message("news \(number)")), from: other)
            copies += relayed.to(peer).carrying("news \(number)").count
        }
        #expect(received * 100 >= sent * 99, "\(received) of \(sent)")
        #expect(copies * 100 >= 2 * sent * 99, "\(copies) of \(2 * sent)")
        #expect(solo.deliveries.allSatisfy { $0.signals["+message"]?.hasPrefix("f") != true })
        #expect(solo.node.status(now: solo.now).proven == lines.count)
    }

    @Test("what others pour in leaves room in a closed line for what we publish", arguments: [false, true])
    func queueOfAClosedLine(isFromPeer: Bool) {
        let (solo, lines) = Self.populated(.default, peers: 2)
        let (peer, line) = lines[0]
        // It never says that it received anything.
        solo.receive(Telex(line: line, br: 0, tap: [TapRule(is: ["+end": NodeID.tweets.hex])]), from: peer)
        for number in 0..<200 {
            let signals = Signals.message("noise \(number)")
            if isFromPeer {
                solo.receive(Telex(line: lines[1].line, br: 1 << 30, hop: 1, signals: signals), from: lines[1].peer)
            } else {
                solo.receive(Telex(hop: 1, signals: signals), from: Self.stranger(number))
            }
        }
        #expect(solo.counter("queue_full") > 50)
        let published = solo.publish(.message("ours"), end: .tweets)
        let opened = (1...20).flatMap { step in
            solo.receive(Telex(line: line, br: step * 10_000), from: peer).to(peer)
        }
        #expect(published.to(peer).carrying("ours").isEmpty)
        #expect(opened.carrying("ours").count == 1)
    }

    @Test("the networks of one IPv6 site have together what one address has")
    func site() {
        func answered(_ address: (String) -> String) -> Int {
            let solo = Solo(at: Solo.endpoint("[2a01:4f8:1:1::1]:42424"))
            return (1...200).reduce(0) { count, number in
                let sender = Solo.endpoint(address(String(number, radix: 16)))
                return count + solo.receive(Self.question(200), from: sender).to(sender).count
            }
        }
        #expect(answered { "[2a02:810d:1:\($0)::2]:42424" } <= 40)
        #expect(answered { "[2a02:\($0)::2]:42424" } == 200)
    }

    @Test("a flood of strangers is not even read, save what could be of use")
    func unreadFlood() {
        let (solo, lines) = Self.populated(.default)
        let limits = Limits.default
        let count = 50_000
        for number in 0..<count { solo.receive("{\"_line\":99}", from: Self.stranger(number)) }
        // A few were read when the peers rang.
        let unread = count - Int(limits.lines.strangerTelexes.burst)
        #expect((unread...unread + 2 * lines.count).contains(Int(solo.counter("stranger_rate"))))
        // Neither peers nor those whom we dialled are strangers.
        let (peer, line) = lines[0]
        let answer = solo.receive(Telex(line: line, signals: Signals(["+end": NodeID.tweets.hex])), from: peer)
        #expect(!answer.to(peer).isEmpty)
        let new = Solo.endpoint("10.9.1.1:42424")
        let dial = solo.receive(Telex(line: line, see: [new]), from: peer) + solo.advance(by: .milliseconds(10))
        guard let ring = dial.to(new).first?.telex.ring else {
            Issue.record("\(new) was not dialled")
            return
        }
        for number in 0..<count { solo.receive("{\"_line\":99}", from: Self.stranger(number)) }
        solo.receive(Telex(line: ring * 7, see: []), from: new)
        #expect(solo.node.status(now: solo.now).proven == lines.count + 1)
    }
}
