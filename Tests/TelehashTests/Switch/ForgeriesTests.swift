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
        func bring(_ text: String, from peer: Endpoint) -> [Solo.Sent] {
            let line = lines[peer]
            return solo.receive(
                Telex(line: line, br: line.map { _ in 1 << 30 }, hop: 1, signals: .message(text)), from: peer)
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

    @Test("who goes on with nothing else is not heard for a minute, then two", arguments: [false, true])
    func pause(bringsGoodOnes: Bool) {
        let scene = scene(bringer)
        func flood(seconds: Int) {
            for second in 0..<seconds {
                scene.forge(30, from: bringer)
                if bringsGoodOnes {
                    _ = scene.bring("good at \(scene.solo.now.nanoseconds), \(second)", from: bringer)
                    _ = scene.judge(.genuine)
                }
                scene.pass(seconds: 1)
            }
        }
        flood(seconds: figures.forgedSecondsUntilPause + 1)
        #expect((scene.solo.counter("bringer_paused") > 0) == !bringsGoodOnes)
        guard !bringsGoodOnes else { return }
        // It still answers and is answered.
        let question = Telex(line: scene.lines[bringer], br: 1 << 30, signals: Signals(["+end": NodeID.tweets.hex]))
        #expect(scene.solo.receive(question, from: bringer).to(bringer).contains { $0.telex.see != nil })
        scene.pass(seconds: Int(figures.firstPause / .seconds(1)) - 1)
        _ = scene.bring("heard", from: bringer)
        #expect(scene.judge(.genuine).to(tapper).carrying("heard").count == 1)
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
