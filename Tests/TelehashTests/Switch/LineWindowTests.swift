import TelehashWire
import Testing

@testable import Telehash

@Suite("The windows of a line")
struct LineWindowTests {
    private let limits = Limits.default

    private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func window() -> LineWindow { LineWindow(now: .zero, limits: limits) }

    @Test("it closes above 10,000 unreported bytes and opens with a report")
    func closesAndOpens() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        window.didSend(10_000, now: .zero, limits: limits)
        #expect(window.admits(400, now: .zero, limits: limits) == true, "10,000 are allowed, as in 2011")
        window.didSend(400, now: .zero, limits: limits)
        #expect(window.admits(1, now: .zero, limits: limits) == false)
        window.didReport(400, now: .zero, limits: limits)
        #expect(window.admits(1, now: .zero, limits: limits) == true)
    }

    @Test("a first report after a long silence leaves no more than a window to wait for")
    func firstReportComesLate() {
        var window = window()
        window.didSend(50_000, now: .zero, limits: limits)
        window.didReport(400, now: .zero, limits: limits)
        #expect(window.inFlight == limits.lines.sendWindow)
        window.didReport(500, now: .zero, limits: limits)
        #expect(window.inFlight == limits.lines.sendWindow - 100, "later reports count as always")
        // What is less than a window may well be under way.
        var fresh = self.window()
        fresh.didSend(300, now: .zero, limits: limits)
        fresh.didReport(100, now: .zero, limits: limits)
        #expect(fresh.inFlight == 200)
    }

    @Test("a peer that never reports is held by a rate instead")
    func silentPeer() {
        var window = window()
        var sent = 0
        while window.admits(1000, now: .zero, limits: limits) {
            window.didSend(1000, now: .zero, limits: limits)
            sent += 1000
            if sent > 10_000_000 { break }
        }
        #expect(sent == Int(limits.lines.silentPeerBurst))
        #expect(window.admits(1000, now: moment(1), limits: limits) == true)
    }

    @Test("no sequence of reports lets more than 10 kB and 64 kB of excess out")
    func hostileReports() {
        var random = Seeded(seed: 4)
        for round in 0..<200 {
            var window = window()
            window.didReport(0, now: .zero, limits: limits)
            var sent = 0
            for _ in 0..<500 {
                let report = [0, 1, sent, sent + 1, 1 << 53, Int.random(in: 0...200_000, using: &random)].randomElement(
                    using: &random)
                window.didReport(report ?? 0, now: .zero, limits: limits)
                while window.admits(1400, now: .zero, limits: limits), sent < 10_000_000 {
                    window.didSend(1400, now: .zero, limits: limits)
                    sent += 1400
                    #expect((window.inFlight ?? 0) <= limits.lines.sendWindow + 1400, "round \(round)")
                    if (window.acknowledged ?? 0) > window.sent + limits.lines.reportExcess {
                        Issue.record("believed too much")
                    }
                }
                if sent >= 10_000_000 { break }
            }
        }
        var believed = window()
        believed.didSend(100, now: .zero, limits: limits)
        believed.didReport(999_999_999, now: .zero, limits: limits)
        #expect(believed.acknowledged == 100 + limits.lines.reportExcess)
    }

    @Test("reports only go up")
    func monotone() {
        var window = window()
        window.didSend(5000, now: .zero, limits: limits)
        window.didReport(4000, now: .zero, limits: limits)
        window.didReport(10, now: .zero, limits: limits)
        #expect(window.inFlight == 1000)
    }

    @Test("bytes that are known to be lost leave the window")
    func forgivesLoss() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        window.didSend(12_000, now: .zero, limits: limits)
        #expect(!window.isStalled(now: moment(0.2), limits: limits))
        #expect(window.isStalled(now: moment(0.25), limits: limits))
        window.didLose(3_000)
        #expect(window.inFlight == 9_000)
        #expect(!window.isStalled(now: moment(9), limits: limits))
    }

    @Test("a stuck window opens after three quiet seconds, and only then")
    func recovers() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        window.didSend(10_400, now: moment(1), limits: limits)
        #expect(window.recover(now: moment(3.9), limits: limits) == false)
        #expect(window.recover(now: moment(4), limits: limits) == true)
        #expect(window.admits(1, now: moment(4), limits: limits) == true)
        #expect(window.recover(now: moment(10), limits: limits) == false, "it is open")
    }

    @Test("the receive window counts dropped bytes, and a report of ours opens it")
    func receiveWindow() {
        var window = window()
        #expect(window.didReceive(12_000, limits: limits) == true)
        #expect(window.didReceive(1, limits: limits) == false)
        #expect(window.owesReport(limits: limits))
        window.didSend(60, now: .zero, limits: limits)
        #expect(window.reported == 12_001)
        #expect(window.didReceive(12_000, limits: limits) == true)
    }

    @Test("reports to a peer that reports nothing itself come to an end, and go on when it does")
    func reportsPastAClosedWindow() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        var reports = 0
        for _ in 0..<10_000 {
            _ = window.didReceive(limits.lines.reportEvery, limits: limits)
            #expect(window.owesReport(limits: limits))
            guard window.admitsReport(limits: limits) else { break }
            window.didSend(60, now: .zero, limits: limits)
            reports += 1
        }
        #expect(reports > 100)
        #expect((window.inFlight ?? 0) <= limits.unacknowledgedBytes, "\(reports) reports")
        #expect(!window.admitsReport(limits: limits))
        window.didReport(5_000, now: .zero, limits: limits)
        #expect(window.admitsReport(limits: limits))
    }
}

@Suite("Windows at work")
struct WindowFlowTests {
    private let peer = Solo.endpoint("10.2.0.1:1000")
    private let author = Solo.endpoint("10.3.0.1:1000")
    private let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])

    private func relay(_ solo: Solo, _ number: Int) -> [Solo.Sent] {
        let text = "\(number) " + String(repeating: "x", count: 300)
        return solo.receive(Telex(hop: 1, signals: .message(text)), from: author).to(peer)
    }

    @Test("signals wait in a bounded queue while the window is closed and go out in order when it opens")
    func queue() {
        let solo = Solo()
        let line = solo.prove(peer, isSwitch: false)
        solo.receive(Telex(line: line, br: 0, tap: [rule]), from: peer)
        var sent = 0
        for number in 0..<200 { sent += relay(solo, number).byteCount }
        #expect(sent > 9_000 && sent < 11_000)
        #expect(solo.counter("signals_queued") == 64)
        #expect(solo.counter("queue_full") > 50)

        let opened = solo.receive(Telex(line: line, br: sent + 200), from: peer).to(peer)
        #expect(!opened.isEmpty)
        let numbers = opened.compactMap {
            $0.telex.signals["+message"]?.split(separator: " ").first.flatMap { Int($0) }
        }
        #expect(numbers == numbers.sorted())
        #expect(opened.byteCount < 11_000)
    }

    @Test("a window that nobody opens recovers by itself")
    func stuck() {
        let solo = Solo()
        let line = solo.prove(peer, isSwitch: false)
        solo.receive(Telex(line: line, br: 0, tap: [rule]), from: peer)
        for number in 0..<40 { _ = relay(solo, number) }
        let sent = solo.advance(by: .seconds(5)).to(peer).filter { !$0.telex.signals.isEmpty }
        #expect(sent.count > 5)
        #expect(solo.counter("windows_recovered") == 1)
    }

    @Test("an answer whose question was given up does not close a window again that recovered")
    func lateAnswer() throws {
        let solo = Solo()
        let line = solo.prove(peer)
        let slot = try #require(solo.node.exchange.lines.slot(of: peer))
        // The first answer tells that nothing was lost so far.
        let sent = solo.node.exchange.lines[slot].window.sent
        solo.receive(Telex(line: line, br: sent, see: [], tap: [rule]), from: peer)
        for number in 0..<64 { _ = relay(solo, number) }
        // The peer is slow: the window is found stuck and opens, and the question behind what went out is given up.
        let recovered = solo.advance(by: .seconds(4)).to(peer).byteCount
        #expect(solo.counter("windows_recovered") == 1)
        #expect(recovered > 5_000)
        for _ in 0..<200 where solo.node.exchange.lines[slot].deliveries.hasQuestionsOut {
            solo.advance(by: .milliseconds(20))
        }
        #expect(!solo.node.exchange.lines[slot].deliveries.hasQuestionsOut)
        solo.receive(Telex(line: line, br: sent + 1_000, see: []), from: peer)
        let broken = solo.node.audit().map { "\($0.rule): \($0.value), at most \($0.limit)" }
        #expect(broken.isEmpty, "\(broken)")
    }

    @Test("a line that loses one telex in ten goes on for ever")
    func lossyLine() {
        let wire = Wire()
        wire.add(.local(1), ends: [.tweets])
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .seconds(1))
        var random = Seeded(seed: 3)
        wire.loses = { _ in Int.random(in: 0..<10, using: &random) == 0 }
        // 400 kB, of which 40 kB are lost: four times what would mute a switch of 2011 for good.
        for number in 0..<1000 {
            wire.send(
                Telex(hop: 1, signals: .message("\(number) " + String(repeating: "z", count: 300))).encoded(),
                from: author, to: .local(1))
            wire.run(for: .milliseconds(20))
        }
        wire.run(for: .seconds(5))
        let got = wire.deliveries[.local(2)]?.count ?? 0
        #expect(got > 700, "\(got) of about 810")
    }

    @Test("4000 bytes received are reported even if nothing else is to be said, and not more often")
    func reports() throws {
        let solo = Solo()
        let line = solo.prove(peer, isSwitch: false)
        var reports: [Int] = []
        var size = 0
        for number in 0..<100 {
            let telex = Telex(
                line: line, br: 0, hop: 1, signals: .message("\(number)" + String(repeating: "y", count: 300)))
            size += telex.encoded().count
            for answer in solo.receive(telex, from: peer).to(peer) {
                #expect(answer.telex.signals.isEmpty && answer.telex.see == nil && answer.telex.tap == nil)
                reports.append(try #require(answer.telex.br))
            }
        }
        #expect(reports.count >= size / 4400 - 1 && reports.count <= size / 4000 + 1)
        #expect(zip(reports, reports.dropFirst()).allSatisfy { $1 - $0 >= 4000 && $1 - $0 < 4800 })
        #expect(solo.counter("window_overrun") == 0)
    }

    @Test("a peer that overruns its window again and again, and reports nothing, gets no report for each time")
    func reportsToAFlood() throws {
        let solo = Solo()
        let line = solo.prove(peer, isSwitch: false)
        let text = String(repeating: "y", count: 1_100)
        var reports = 0
        for number in 0..<4_000 {
            let telex = Telex(line: line, br: 0, hop: 1, signals: .message("\(number)" + text))
            reports += solo.receive(telex, from: peer).to(peer).count
        }
        #expect(reports > 100)
        let broken = solo.node.audit().map { "\($0.rule): \($0.value), at most \($0.limit)" }
        #expect(broken.isEmpty, "\(broken), \(reports) reports")

        // It is heard again as soon as it reports.
        let slot = try #require(solo.node.exchange.lines.slot(of: peer))
        let sent = solo.node.exchange.lines[slot].window.sent
        let answer = solo.receive(Telex(line: line, br: sent), from: peer).to(peer)
        #expect(answer.count == 1 && answer.first?.telex.br == solo.node.exchange.lines[slot].window.received)
    }

    @Test("what somebody asks in a peer's name uses up nothing of what we may send to it")
    func ringsInThePeersName() throws {
        let solo = Solo()
        let line = solo.prove(peer, isSwitch: false)
        solo.receive(Telex(line: line, br: 60, tap: [rule]), from: peer)
        let slot = try #require(solo.node.exchange.lines.slot(of: peer))
        let before = solo.node.exchange.lines[slot].window
        var challenges = 0
        let question = Signals(["+end": NodeID.tweets.hex])
        for _ in 0..<1_000 {
            let telexes = [
                Telex(ring: 7_777, br: 0, see: []), Telex(ring: 7_777, br: 0, signals: question),
                Telex(signals: question),
            ]
            for telex in telexes { challenges += solo.receive(telex, from: peer).to(peer).count }
        }
        #expect(challenges > 100)
        let after = solo.node.exchange.lines[slot].window
        // Reports only: telexes without a ring are counted, the programs of 2011 send them.
        #expect(after.sent - before.sent < 1_000)
        #expect(relay(solo, 1).count == 1)
    }

    @Test("a line that is proven late begins with an open window, whatever was asked in the peer's name before")
    func questionsBeforeTheProof() throws {
        let solo = Solo()
        let question = Telex(
            ring: 7_711, br: 0, signals: Signals(["+end": NodeID.tweets.hex]),
            fields: [.init(key: "pad", text: String(repeating: ".", count: 60))])
        var answered: [Solo.Sent] = []
        for _ in 0..<300 { answered += solo.receive(question, from: peer).to(peer) }
        #expect(answered.byteCount > 15_000)
        let line = try #require(answered.last?.telex.line)
        solo.receive(Telex(line: line, br: 64, tap: [rule]), from: peer)
        let broken = solo.node.audit().map { "\($0.rule): \($0.value), at most \($0.limit)" }
        #expect(broken.isEmpty, "\(broken)")
        #expect(relay(solo, 1).count == 1)
    }

    @Test("a telex tells how many bytes came in, those of the stranger's question included")
    func countsBytes() throws {
        let solo = Solo()
        let question = "{\"+end\":\"38666817e1b38470644e004b9356c1622368fa57\"}"
        let answer = try #require(solo.receive(question, from: peer).first)
        #expect(answer.telex.br == 51)
    }
}
