import Telehash
import TelehashWire
import Testing

@Suite("Finding each other")
struct BootstrapTests {
    @Test("two switches have lines, addresses, buckets and taps within a few round trips")
    func two() {
        let wire = Wire(latency: .milliseconds(10))
        wire.add(.local(1), ends: [.tweets])
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .milliseconds(100))
        for number in [1, 2] {
            let status = wire.status(.local(number))
            #expect(status.proven == 1 && status.switches == 1 && status.ringing == 0)
            #expect(status.buckets.reduce(0) { $0 + $1.switches } == 1)
            #expect(status.tapsTheirs == 1 && status.tapsOurs == 1)
        }
        #expect(wire.status(.local(2)).address == .local(2), "the seed said so")
        wire.publish("one", from: .local(1), as: 1)
        wire.publish("two", from: .local(2), as: 2)
        wire.run(for: .milliseconds(50))
        #expect(wire.deliveries == [.local(1): ["two"], .local(2): ["one"]])
    }

    @Test("a third that knows only the second hears the first, and all go on when the seed is killed")
    func threeAndOneKilled() {
        let wire = Wire()
        wire.add(.local(1), ends: [.tweets])
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .seconds(1))
        wire.add(.local(3), seeds: [.local(2)], ends: [.tweets], knowsItself: false)
        wire.run(for: .seconds(1))
        wire.publish("from 1", from: .local(1), as: 1)
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[.local(2)] == ["from 1"])
        #expect(wire.deliveries[.local(3)] == ["from 1"])

        wire.kill(.local(1))
        for second in 0..<120 {
            wire.publish("\(second)", from: .local(second % 2 == 0 ? 2 : 3), as: UInt64(100 + second))
            wire.run(for: .seconds(1))
        }
        #expect(wire.deliveries[.local(2)]?.count == 61)
        #expect(wire.deliveries[.local(3)]?.count == 61)
        #expect(wire.status(.local(2)).proven == 1)
    }

    @Test("a switch that is killed and comes back on its address is met again at once")
    func restart() {
        let wire = Wire()
        wire.add(.local(1), ends: [.tweets])
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .seconds(30))
        wire.kill(.local(2))
        wire.run(for: .seconds(2))
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .milliseconds(100))
        #expect(wire.status(.local(1)).counters["lines_restarted"] == 1)
        wire.publish("again", from: .local(1), as: 1)
        wire.publish("and back", from: .local(2), as: 2)
        wire.run(for: .milliseconds(100))
        #expect(wire.deliveries[.local(2)] == ["again"])
        #expect(wire.deliveries[.local(1)] == ["and back"])
        #expect(wire.progress[PublicationID(value: 1)]?.taken == 1)
        #expect(wire.progress[PublicationID(value: 2)]?.taken == 1)
    }

    @Test("a seed that is restarted, and dials nobody, is met again at the next keepalive")
    func restartedSeed() {
        let wire = Wire()
        wire.add(.local(1), ends: [.tweets])
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .seconds(30))
        wire.kill(.local(1))
        wire.add(.local(1), ends: [.tweets])
        wire.run(for: .seconds(26))
        wire.publish("to the seed", from: .local(2), as: 1)
        wire.publish("from the seed", from: .local(1), as: 2)
        wire.run(for: .milliseconds(100))
        #expect(wire.deliveries[.local(1)] == ["to the seed"])
        #expect(wire.deliveries[.local(2)] == ["from the seed"])
    }

    @Test("a publication to a peer that was restarted heals the line and still arrives")
    func restartedPeerGetsPublication() {
        let wire = Wire()
        wire.add(.local(1), ends: [.tweets])
        wire.add(.local(2), seeds: [.local(1)], ends: [.tweets], knowsItself: false)
        wire.run(for: .seconds(30))
        wire.kill(.local(1))
        wire.add(.local(1), ends: [.tweets])
        wire.publish("still there?", from: .local(2), as: 1)
        wire.run(for: .seconds(3))
        #expect(wire.deliveries[.local(1)] == ["still there?"])
        #expect(wire.status(.local(2)).counters["lines_restarted"] == 1)
    }

    @Test("seeds are dialled at once, then after 1, 2, 4, 8 and every 10 s while nobody answers")
    func backoff() {
        let wire = Wire()
        wire.add(.spread(1), seeds: [.spread(0), .spread(5)])
        let start = wire.now
        wire.run(for: .seconds(60))
        for seed in [Endpoint.spread(0), .spread(5)] {
            let times = wire.log.filter { $0.to == seed }.map { start.duration(to: $0.at).components.seconds }
            #expect(times == [0, 1, 3, 7, 15, 25, 35, 45, 55])
        }
    }

    @Test("a lost seed is tried again every 30 to 60 s while others are there")
    func lostSeed() {
        let wire = Wire()
        wire.add(.spread(0))
        wire.add(.spread(1), seeds: [.spread(0), .spread(5)])
        wire.run(for: .seconds(200))
        let dials = wire.log.filter { $0.to == .spread(5) }.map(\.at)
        #expect(dials.count >= 4 && dials.count <= 9)
        wire.add(.spread(5))
        wire.run(for: .seconds(65))
        #expect(wire.status(.spread(1)).switches == 2)
    }

    @Test("when everybody is gone the seeds are dialled again as in the beginning")
    func everybodyGone() {
        let wire = Wire()
        wire.add(.spread(0))
        wire.add(.spread(1), seeds: [.spread(0)])
        wire.run(for: .seconds(10))
        wire.kill(.spread(0))
        wire.run(for: .seconds(100))
        wire.add(.spread(0))
        wire.run(for: .seconds(11))
        #expect(wire.status(.spread(1)).switches == 1)
    }

    @Test("a switch that is its own seed does not talk to itself, also when it does not know its address")
    func ownSeed() {
        let wire = Wire()
        wire.add(.spread(0), seeds: [.spread(0)])
        wire.run(for: .seconds(30))
        #expect(wire.log.isEmpty)
        wire.add(.spread(1), seeds: [.spread(1)], knowsItself: false)
        wire.run(for: .seconds(30))
        let status = wire.status(.spread(1))
        #expect(status.proven == 0 && status.ringing == 0)
        #expect(status.address == .spread(1))
        #expect(wire.log.count == 1, "its own dial told it who it is")
    }

    @Test("thirty switches that join one after the other all get what one says")
    func thirty() {
        let wire = Wire()
        var random = Seeded(seed: 77)
        for number in 0..<30 {
            let seed = Endpoint.spread(Int.random(in: 0..<max(1, number), using: &random))
            wire.add(.spread(number), seeds: number == 0 ? [] : [seed], ends: [.tweets])
            wire.run(for: .milliseconds(100))
        }
        wire.run(for: .seconds(30))
        for number in stride(from: 0, to: 30, by: 7) {
            wire.publish("from \(number)", from: .spread(number), as: UInt64(number))
            wire.run(for: .seconds(3))
        }
        for number in 0..<30 {
            let expected = stride(from: 0, to: 30, by: 7).filter { $0 != number }.map { "from \($0)" }
            #expect(Set(wire.deliveries[.spread(number)] ?? []) == Set(expected), "\(number)")
        }
    }

    @Test("the same seed of randomness gives the same run")
    func deterministic() {
        func run() -> [[UInt8]] {
            let wire = Wire(seed: 123)
            for number in 0..<12 {
                wire.add(.spread(number), seeds: number == 0 ? [] : [.spread(0)], ends: [.tweets, NodeID(sha1Of: "b")])
            }
            wire.run(for: .seconds(30))
            wire.publish("x", from: .spread(3))
            wire.run(for: .seconds(30))
            return wire.log.map(\.bytes)
        }
        #expect(run() == run())
    }
}
