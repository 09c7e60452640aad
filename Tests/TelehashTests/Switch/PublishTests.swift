import Telehash
import TelehashWire
import Testing

@Suite("Publishing")
struct PublishTests {
    private let id = PublicationID(value: 1)

    /// Switches that all know each other; number 1 publishes.
    private func mesh(_ count: Int, latency: Duration = .milliseconds(1)) -> Wire {
        let wire = Wire(latency: latency)
        for number in 0..<count { wire.add(.spread(number), seeds: number == 0 ? [] : [.spread(0)], ends: [.tweets]) }
        wire.run(for: .seconds(20))
        return wire
    }

    @Test("every tapping switch gets it once, and each handed copy is proven")
    func reaches() throws {
        let wire = mesh(6)
        wire.publish("hello", from: .spread(1))
        wire.run(for: .milliseconds(50))
        for number in [0, 2, 3, 4, 5] { #expect(wire.deliveries[.spread(number)] == ["hello"]) }
        #expect(wire.deliveries[.spread(1)] == nil, "the author has it")
        let progress = try #require(wire.progress[id])
        #expect(progress.handed == 5 && progress.taken == 5 && progress.finished)
    }

    @Test("proof takes about one round trip")
    func fast() throws {
        let wire = mesh(3, latency: .milliseconds(20))
        wire.publish("hello", from: .spread(1))
        wire.run(for: .milliseconds(45))
        let progress = try #require(wire.progress[id])
        #expect(progress.taken == 2 && progress.finished)
    }

    @Test("one copy goes to a peer that both taps and is near")
    func oneCopy() {
        let wire = mesh(4)
        let before = wire.log.count
        wire.publish("hello", from: .spread(1))
        let copies = wire.log[before...].filter { $0.from == .spread(1) && $0.telex?.signals["+message"] == "hello" }
        #expect(copies.count == 3 && Set(copies.map(\.to)).count == 3)
        #expect(copies.allSatisfy { $0.telex?.hop == 1 })
    }

    @Test("a lost copy is repeated once, and then it is taken")
    func lossIsRepeated() throws {
        let wire = mesh(2)
        var lost = 0
        wire.loses = {
            guard $0.telex?.signals["+message"] == "hello", $0.from == .spread(1), lost == 0 else { return false }
            lost += 1
            return true
        }
        wire.publish("hello", from: .spread(1))
        wire.run(for: .milliseconds(100))
        #expect(lost == 1)
        #expect(wire.deliveries[.spread(0)] == ["hello"])
        let progress = try #require(wire.progress[id])
        #expect(progress.handed == 1 && progress.taken == 1 && progress.finished)
        #expect(wire.status(.spread(1)).counters["hand_overs_repeated"] == 1)
    }

    @Test("with no answer at all it is repeated after 2 s and given up within 5 s")
    func silence() throws {
        let wire = mesh(2)
        let start = wire.now
        wire.loses = { $0.to == .spread(0) && $0.from == .spread(1) }
        let before = wire.log.count
        wire.publish("hello", from: .spread(1))
        wire.run(for: .seconds(6))
        let copies = wire.log[before...].filter { $0.telex?.signals["+message"] == "hello" }
        #expect(copies.map { start.duration(to: $0.at) > .seconds(1) } == [false, true])
        #expect(copies.last.map { start.duration(to: $0.at) < .milliseconds(2100) } == true)
        let progress = try #require(wire.progress[id])
        #expect(progress.handed == 1 && progress.taken == 0 && progress.finished)
    }

    @Test("at 10 % loss nearly everything arrives and nothing is called taken that is not")
    func lossy() {
        let wire = mesh(5)
        var random = Seeded(seed: 8)
        wire.loses = { _ in Int.random(in: 0..<10, using: &random) == 0 }
        for number in 0..<100 {
            wire.publish("message \(number)", from: .spread(1), as: UInt64(number))
            wire.run(for: .milliseconds(100))
        }
        wire.run(for: .seconds(6))
        for peer in [0, 2, 3, 4] {
            let got = Set(wire.deliveries[.spread(peer)] ?? [])
            #expect(got.count >= 99, "\(got.count) of 100 at \(peer)")
        }
        let all = (0..<100).compactMap { wire.progress[PublicationID(value: UInt64($0))] }
        #expect(all.count == 100 && all.allSatisfy(\.finished))
        #expect(all.allSatisfy { $0.taken <= $0.handed && $0.handed == 4 })
        #expect(all.reduce(0) { $0 + $1.taken } > 300)
    }

    @Test("a thousand a second over eight peers: all arrive, and the probes are few")
    func rate() {
        let wire = mesh(9)
        let before = wire.status(.spread(1)).counters["probes"] ?? 0
        for number in 0..<400 {
            wire.publish("message \(number)", from: .spread(1), as: UInt64(number))
            wire.run(for: .milliseconds(1))
        }
        wire.run(for: .seconds(6))
        for peer in 0..<9 where peer != 1 { #expect(wire.deliveries[.spread(peer)]?.count == 400) }
        let all = (0..<400).compactMap { wire.progress[PublicationID(value: UInt64($0))] }
        #expect(all.count == 400 && all.allSatisfy { $0.finished && $0.taken == 8 })
        let probes = (wire.status(.spread(1)).counters["probes"] ?? 0) - before
        #expect(probes <= 8 * 50, "\(probes): at most one in 10 ms a line")
    }

    @Test("alone in the world a publication is finished at once")
    func alone() {
        let solo = Solo()
        let sent = solo.publish(.message("x"), end: .tweets, as: 5)
        #expect(sent.isEmpty)
        #expect(
            solo.progress == [PublicationProgress(id: PublicationID(value: 5), handed: 0, taken: 0, finished: true)])
        for number in 0..<20_000 { solo.publish(.message("\(number)"), end: .tweets, as: UInt64(number)) }
        #expect(solo.node.status(now: solo.now).openPublications == 0)
    }

    @Test("while the seed is still being dialled a publication waits for it")
    func waitsForSeed() throws {
        let wire = Wire()
        wire.add(.spread(0), ends: [.tweets])
        wire.add(.spread(1), seeds: [.spread(0)])
        wire.publish("early", from: .spread(1))
        #expect(wire.progress[id]?.finished == false)
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[.spread(0)] == ["early"])
        #expect(wire.progress[id]?.taken == 1)
        #expect(wire.progress[id]?.finished == true)
    }

    @Test("a seed that never answers holds it for 5 s, no longer")
    func deadSeed() {
        let wire = Wire()
        wire.add(.spread(1), seeds: [.spread(0)])
        wire.publish("early", from: .spread(1))
        wire.run(for: .milliseconds(4900))
        #expect(wire.progress[id]?.finished == false)
        wire.run(for: .milliseconds(200))
        #expect(wire.progress[id]?.finished == true)
        #expect(wire.progress[id]?.handed == 0)
    }

    @Test("too many open publications are sent unfollowed")
    func overflow() {
        var limits = Limits.default
        limits.exchange.openPublications = 10
        let solo = Solo(limits: limits)
        solo.prove(Solo.endpoint("10.2.0.1:1"), br: nil)
        for number in 0..<30 { solo.publish(.message("\(number)"), end: .tweets, as: UInt64(number)) }
        #expect(solo.node.status(now: solo.now).openPublications == 10)
        #expect(solo.counter("publications_overflow") == 20)
        let last = solo.progress.last
        #expect(last?.handed == 1 && last?.finished == true)
    }

    @Test("closer switches that the lookup finds get the signals too")
    func findsCloser() {
        let wire = Wire()
        let count = 30
        for number in 0..<count {
            wire.add(.spread(number), seeds: number == 0 ? [] : [.spread(number - 1)])
            wire.run(for: .milliseconds(200))
        }
        wire.run(for: .seconds(60))
        let end = NodeID(sha1Of: "far away")
        let listeners = (0..<3).map { Endpoint.spread(count + $0) }
        for (index, listener) in listeners.enumerated() { wire.add(listener, seeds: [.spread(index)], ends: [end]) }
        wire.run(for: .seconds(10))
        wire.publish("found", end: end, from: .spread(20))
        wire.run(for: .seconds(6))
        for listener in listeners { #expect(wire.deliveries[listener] == ["found"]) }
    }
}
