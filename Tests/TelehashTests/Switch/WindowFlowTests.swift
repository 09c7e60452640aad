import Telehash
import TelehashWire
import Testing

@Suite("Windows at work")
struct WindowFlowTests {
    private let peer = Solo.endpoint("10.2.0.1:1000")
    private let author = Solo.endpoint("10.3.0.1:1000")
    private let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])

    /// One address may use up all that strangers may ask.
    private static let answersEverybody = {
        var limits = Limits.default
        limits.lines.requestParts.ofNewcomers = 0
        limits.lines.requestParts.ofOne = 1
        return limits
    }()

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
        // The first answer tells that nothing was lost so far.
        let sent = try #require(solo.node.bytes(on: peer)).sent
        solo.receive(Telex(line: line, br: sent, see: [], tap: [rule]), from: peer)
        for number in 0..<64 { _ = relay(solo, number) }
        // The peer is slow: the window is found stuck and opens, and the question behind what went out is given up.
        let recovered = solo.advance(by: .seconds(4)).to(peer).byteCount
        #expect(solo.counter("windows_recovered") == 1)
        #expect(recovered > 5_000)
        for _ in 0..<200 where solo.node.hasQuestionOut(to: peer) {
            solo.advance(by: .milliseconds(20))
        }
        #expect(!solo.node.hasQuestionOut(to: peer))
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

    @Test("questions in the name of a peer that we dial do not make it lose the telex that proves it")
    func forgeriesBeforeTheProof() throws {
        let solo = Solo(seeds: [peer])
        let dial = try #require(solo.start().to(peer).first)
        let ring = try #require(dial.telex.ring)
        let forged = Telex(
            to: Solo.home, signals: Signals(["+end": NodeID.tweets.hex]),
            fields: [.init(key: "pad", text: String(repeating: ".", count: 900))])
        for _ in 0..<80 { solo.receive(forged, from: peer) }
        let proof = Telex(to: Solo.home, line: ring * 77, br: 0, see: [author])
        let sent = solo.receive(proof, from: peer) + solo.advance(by: .seconds(1))
        #expect(solo.counter("window_overrun") == 0)
        #expect(solo.node.status(now: solo.now).proven >= 1)
        #expect(!sent.to(author).isEmpty, "whom the peer names is met")
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
        let sent = try #require(solo.node.bytes(on: peer)).sent
        let answer = solo.receive(Telex(line: line, br: sent), from: peer).to(peer)
        #expect(answer.count == 1 && answer.first?.telex.br == solo.node.bytes(on: peer)?.received)
    }

    @Test("what somebody asks in a peer's name uses up nothing of what we may send to it")
    func ringsInThePeersName() throws {
        let solo = Solo(limits: Self.answersEverybody)
        let line = solo.prove(peer, isSwitch: false)
        solo.receive(Telex(line: line, br: 60, tap: [rule]), from: peer)
        let before = try #require(solo.node.bytes(on: peer)).sent
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
        let after = try #require(solo.node.bytes(on: peer)).sent
        // Reports only: telexes without a ring are counted, the programs of 2011 send them.
        #expect(after - before < 1_000)
        #expect(relay(solo, 1).count == 1)
    }

    @Test("a line that is proven late begins with an open window, whatever was asked in the peer's name before")
    func questionsBeforeTheProof() throws {
        let solo = Solo(limits: Self.answersEverybody)
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
