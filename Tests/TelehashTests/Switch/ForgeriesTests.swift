import Telehash
import TelehashWire
import Testing

/// What it costs somebody to bring signals whose signatures are wrong, and what it does not cost others.
@Suite("Bringers of forgeries")
struct ForgeriesTests {
    private let tapper = Solo.endpoint("10.2.0.1:1000")
    private let bringer = Solo.endpoint("10.3.0.1:1000")
    private let other = Solo.endpoint("10.3.0.2:1000")
    private let figures = Limits.default.exchange

    /// A switch that listens, somebody who taps it, and two proven peers.
    private final class Scene {
        let solo = Solo()
        var lines: [Endpoint: Int] = [:]
        private var said = 0
        private var judged = 0

        init(tapper: Endpoint, peers: [Endpoint]) {
            for peer in [tapper] + peers { lines[peer] = solo.prove(peer, isSwitch: peer != tapper, br: nil) }
            solo.receive(
                Telex(line: lines[tapper], tap: [TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])]),
                from: tapper)
            solo.tap([.tweets])
        }

        /// Brings signals, over the line if there is one.
        func bring(_ text: String, from peer: Endpoint, by author: String? = nil, hop: Int = 1) -> [Solo.Sent] {
            let line = lines[peer]
            var signals = Signals.message(text)
            if let author { signals["+key"] = author }
            return solo.receive(
                Telex(line: line, br: line.map { _ in 1 << 30 }, hop: hop, signals: signals), from: peer)
        }

        /// Lets time pass in which everybody is heard.
        func pass(seconds: Int) {
            for _ in 0..<seconds {
                solo.advance(by: .seconds(1))
                for (peer, line) in lines { solo.receive(Telex(line: line, br: 1 << 30), from: peer) }
            }
        }

        /// The receiver judges all that it was given since the last time.
        func judge(_ judgement: Judgement) -> [Solo.Sent] {
            defer { judged = solo.deliveries.count }
            return solo.deliveries[judged...].flatMap { solo.judge($0, as: judgement) }
        }

        func forge(_ count: Int, from peer: Endpoint) {
            for _ in 0..<count {
                said += 1
                _ = bring("forged \(said)", from: peer)
                _ = judge(.forged)
            }
        }
    }

    private func scene(_ peers: Endpoint...) -> Scene { Scene(tapper: tapper, peers: peers) }

    @Test("after twenty forgeries signals are passed on when a receiver took them, and forgeries never")
    func suspicion() {
        let scene = scene(bringer, other)
        scene.forge(Int(figures.forgeriesOfOne.burst), from: bringer)
        #expect(scene.bring("at once", from: bringer).to(tapper).carrying("at once").count == 1)
        _ = scene.judge(.forged)
        #expect(scene.solo.counter("bringers_suspected") == 1)

        #expect(scene.bring("later", from: bringer).to(tapper).carrying("later").isEmpty)
        #expect(scene.judge(.genuine).to(tapper).carrying("later").count == 1)
        #expect(scene.bring("never", from: bringer).to(tapper).carrying("never").isEmpty)
        #expect(scene.judge(.forged).isEmpty)
        #expect(scene.bring("nobody can tell", from: bringer).to(tapper).carrying("nobody can tell").isEmpty)
        #expect(scene.judge(.unknown).to(tapper).carrying("nobody can tell").count == 1)
        #expect(scene.bring("of another", from: other).to(tapper).carrying("of another").count == 1)

        scene.pass(seconds: Int(figures.suspicion / .seconds(1)))
        #expect(scene.bring("at once again", from: bringer).to(tapper).carrying("at once again").count == 1)
    }

    @Test("what is refused for its bringer's sake counts when another brought it, or brings it")
    func overRate() throws {
        let scene = scene(bringer, other)
        let solo = scene.solo
        _ = scene.bring("stolen", from: bringer)
        _ = scene.bring("stolen", from: other)
        _ = scene.bring("stolen", from: bringer)
        #expect(solo.deliveries.map(\.from) == [bringer])
        solo.judge(try #require(solo.deliveries.last), as: .overRate)
        #expect(solo.deliveries.map(\.from) == [bringer, other])
        solo.judge(try #require(solo.deliveries.last), as: .overRate)
        #expect(solo.deliveries.count == 2)
        _ = scene.bring("stolen", from: other)
        #expect(solo.deliveries.count == 3)
        solo.judge(try #require(solo.deliveries.last), as: .genuine)
        _ = scene.bring("stolen", from: bringer)
        #expect(solo.deliveries.count == 3)
    }

    @Test("where many bring a little that nobody checks, all wait for a judgement, and only what is taken goes on")
    func manyUnchecked() {
        let scene = scene(bringer)
        for number in 0..<200 {
            let source = Solo.endpoint("10.4.\(number).1:1000")
            scene.lines[source] = scene.solo.prove(source, isSwitch: false, br: nil)
            _ = scene.bring("unchecked \(number)", from: source)
            _ = scene.judge(.unchecked)
        }
        #expect(scene.solo.counter("bringers_suspected") == 0)
        #expect(scene.solo.counter("signals_held") == UInt64(200 - Int(figures.uncheckedOfAll.burst) - 1))
        #expect(scene.bring("good", from: bringer).to(tapper).carrying("good").isEmpty)
        #expect(scene.judge(.genuine).to(tapper).carrying("good").count == 1)
        scene.pass(seconds: Int(figures.suspicion / .seconds(1)))
        #expect(scene.bring("at once", from: bringer).to(tapper).carrying("at once").count == 1)
    }

    @Test("a second address of a forger does not have passed on what the first one brought")
    func secondAddress() {
        let scene = scene(bringer, other)
        scene.forge(Int(figures.forgeriesOfOne.burst) + 1, from: bringer)
        #expect(scene.bring("one more", from: bringer).to(tapper).carrying("one more").isEmpty)
        #expect(scene.bring("one more", from: other).to(tapper).carrying("one more").isEmpty)
        _ = scene.judge(.forged)
        #expect(scene.bring("one more", from: other).to(tapper).carrying("one more").isEmpty)
        #expect(scene.solo.counter("forged_again") == 1)
    }

    @Test("what a suspect brings waits in bounds; what is taken makes room")
    func throttle() {
        let scene = scene(bringer)
        scene.forge(Int(figures.forgeriesOfOne.burst) + 1, from: bringer)
        let room = Int(figures.suspectSignals.burst)
        let before = scene.solo.deliveries.count
        for number in 0..<3 * room { _ = scene.bring("waits \(number)", from: bringer) }
        #expect(scene.solo.deliveries.count == before + room)
        #expect(Int(scene.solo.counter("bringer_throttled")) == 2 * room)
        _ = scene.judge(.genuine)
        for number in 0..<3 * room {
            _ = scene.bring("good \(number)", from: bringer)
            #expect(scene.judge(.genuine).to(tapper).count == 1)
        }
        // What was not taken then may come from somebody else.
        scene.solo.advance(by: .milliseconds(1))
        #expect(scene.bring("waits \(3 * room - 1)", from: Solo.endpoint("10.3.0.3:1000")).to(tapper).count == 1)
    }

    @Test("an honest neighbour through which a forgery a second comes is heard all the same")
    func carrier() {
        let scene = scene(bringer)
        for second in 0..<600 {
            scene.forge(1, from: bringer)
            let text = "good at \(second)"
            _ = scene.bring(text, from: bringer)
            #expect(scene.solo.deliveries.last?.signals["+message"] == text)
            _ = scene.judge(.genuine)
            scene.pass(seconds: 1)
        }
        // What the tapper's window had no room for at once went out later.
        #expect(scene.solo.counter("bringer_throttled") == 0)
        #expect(scene.solo.counter("signals_relayed") + scene.solo.counter("signals_queued") >= 600)
    }

    @Test(
        "when all that may wait of a suspect does, authors of whom something was taken still come through",
        arguments: [true, false])
    func familiarAuthor(overALine: Bool) throws {
        let scene = scene(bringer)
        if !overALine { scene.lines[bringer] = nil }
        _ = scene.bring("before", from: bringer, by: "familiar")
        _ = scene.judge(.genuine)
        scene.forge(Int(figures.forgeriesOfOne.burst) + 1, from: bringer)
        for number in 0..<3 * Int(figures.suspectSignals.burst) { _ = scene.bring("waits \(number)", from: bringer) }
        let waiting = scene.solo.deliveries.count
        _ = scene.bring("of a stranger", from: bringer, by: "stranger")
        #expect(scene.solo.deliveries.count == waiting)
        for number in 0..<10 {
            _ = scene.bring("said \(number)", from: bringer, by: "familiar")
            let said = try #require(scene.solo.deliveries.last)
            #expect(said.signals["+message"] == "said \(number)")
            #expect(scene.solo.judge(said, as: .genuine).to(tapper).count == 1)
        }
    }

    @Test("forgeries in the name of a client's address cost what the client says a moment only")
    func clientsAddress() {
        let scene = scene()
        for second in 0..<60 {
            scene.forge(30, from: bringer)
            let text = "of the client \(second)"
            let passed = scene.bring(text, from: bringer) + scene.judge(.genuine)
            #expect(passed.to(tapper).carrying(text).count == 1)
            scene.pass(seconds: 1)
        }
        #expect(scene.solo.counter("bringers_suspected") == 1)
    }

    @Test("what waits is passed on as the copy over the fewest hops would have been")
    func fewestHops() {
        let scene = scene(bringer, other)
        scene.forge(Int(figures.forgeriesOfOne.burst) + 1, from: bringer)
        _ = scene.bring("hidden", from: bringer, hop: 4)
        _ = scene.bring("hidden", from: other, hop: 1)
        let passed = scene.judge(.genuine).to(tapper).carrying("hidden")
        #expect(passed.map(\.telex.hop) == [2])
        #expect(scene.solo.counter("hops_used_up") == 0)
        // It waits no more.
        #expect(scene.judge(.genuine).isEmpty)
    }

    @Test("forgeries of one suspect do not make the switch wait for everybody")
    func oneSuspect() {
        let scene = scene(bringer, other)
        scene.forge(3 * Int(figures.forgeriesOfAll.burst), from: bringer)
        #expect(scene.bring("at once", from: other).to(tapper).carrying("at once").count == 1)
    }

    @Test("who brings much that is refused unchecked is held as well, and what is taken of it is passed on")
    func unchecked() {
        let scene = scene(bringer)
        let count = Int(figures.uncheckedOfOne.burst)
        for number in 0...count {
            #expect(scene.bring("refused \(number)", from: bringer).to(tapper).count == 1)
            _ = scene.judge(.unchecked)
        }
        #expect(scene.bring("refused again", from: bringer).to(tapper).isEmpty)
        #expect(scene.judge(.unchecked).isEmpty)
        #expect(scene.bring("good", from: bringer).to(tapper).isEmpty)
        #expect(scene.judge(.genuine).to(tapper).carrying("good").count == 1)
    }

    @Test(
        "what turns out to be no forgery costs a suspect nothing",
        arguments: [Judgement.unchecked, .unknown, .overRate])
    func credit(_ judgement: Judgement) {
        let scene = scene(bringer)
        scene.forge(Int(figures.forgeriesOfOne.burst) + 1, from: bringer)
        for number in 0..<2 * Int(figures.suspectSignals.burst) {
            _ = scene.bring("number \(number)", from: bringer)
            _ = scene.judge(judgement)
        }
        #expect(scene.solo.counter("bringer_throttled") == 0)
    }

    @Test("who speaks in a peer's name from its address spoils nothing of its line")
    func forgedSender() {
        let scene = scene(bringer)
        scene.solo.advance(by: .seconds(5))
        let line = scene.lines.removeValue(forKey: bringer)
        scene.forge(Int(figures.forgeriesOfOne.burst) + 10, from: bringer)
        #expect(scene.solo.counter("bringers_suspected") == 1)
        scene.lines[bringer] = line
        #expect(scene.bring("of the peer", from: bringer).to(tapper).carrying("of the peer").count == 1)
    }

    @Test("forgeries of many addresses make the switch wait for its receivers, whoever speaks")
    func manyAddresses() {
        let scene = scene(other)
        let each = Int(figures.forgeriesOfOne.burst) / 2
        for address in 0...Int(figures.forgeriesOfAll.burst) / each {
            scene.forge(each, from: Solo.endpoint("10.4.\(address).1:1000"))
        }
        #expect(scene.solo.counter("bringers_suspected") == 0)
        #expect(scene.bring("waits", from: other).to(tapper).carrying("waits").isEmpty)
        #expect(scene.judge(.genuine).to(tapper).carrying("waits").count == 1)
    }

    @Test("ten thousand forging addresses leave what is remembered within its bounds")
    func bounds() {
        let scene = scene(other)
        for number in 0..<10_000 {
            scene.forge(1, from: Solo.endpoint("10.\(5 + number / 250).\(number % 250).1:1000"))
            if number % 100 == 0 { scene.solo.advance(by: .milliseconds(100)) }
        }
        #expect(scene.solo.node.audit().isEmpty)
    }
}
