import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

/// What a switch believes about the ring, and what it makes of closest sets that can't be true.
@Suite struct DensityTests {
    /// A density that was measured at honest places of a ring with so many switches.
    private func measured(switches: Int, places: Int = 16, seed: UInt64 = 1) -> (Density, AddressRing) {
        var mesh = Mesh(seed: seed)
        var random = SeededGenerator(seed: seed)
        let ring = AddressRing(mesh.freshEndpoints(switches))
        var density = Density(limits: .default)
        for _ in 0..<places {
            let target = NodeID(high: random.next(), middle: 0, low: 0)
            note(ring.closest(to: target, count: 8), at: target, in: &density)
        }
        return (density, ring)
    }

    private func note(_ members: [AddressRing.Member], at target: NodeID, in density: inout Density) {
        guard let last = members.last else { return }
        _ = density.note(target, furthest: target.distance(to: last.id), count: members.count)
    }

    @Test(arguments: [100, 1_000, 20_000])
    func estimate_isNearTheTruth(_ switches: Int) throws {
        let (density, _) = measured(switches: switches)
        let estimate = try #require(density.switches)
        #expect(estimate > 0.6 * Double(switches) && estimate < 1.6 * Double(switches))
    }

    @Test func judgement_needsThreePlaces() {
        let few = measured(switches: 1_000, places: 2).0
        #expect(few.switches == nil)
        #expect(few.radius == nil)
        #expect(few.doubt(furthest: Density.distance(of: 0.9), count: 8) == nil)
        #expect(measured(switches: 1_000, places: 3).0.switches != nil)
    }

    @Test func judgement_tellsCrowdsAndGapsFromChance() {
        let (density, ring) = measured(switches: 5_000)
        var random = SeededGenerator(seed: 9)
        var plausible = 0
        for _ in 0..<500 {
            let target = NodeID(high: random.next(), middle: 0, low: 0)
            let set = ring.closest(to: target, count: 8)
            let reach = target.distance(to: set[7].id)
            if density.doubt(furthest: reach, count: 8) == nil { plausible += 1 }
        }
        #expect(plausible > 375, "three of four honest sets, however the estimate fell")
        #expect(density.doubt(furthest: Density.distance(of: 1.0 / 5_000), count: 8) == .dense)
        #expect(density.doubt(furthest: Density.distance(of: 40.0 / 5_000), count: 8) == .sparse)
    }

    /// Whoever crowds around one end has a say about one place.
    @Test func estimate_whenAFewPlacesLie_stays() throws {
        var (density, _) = measured(switches: 5_000)
        let before = try #require(density.switches)
        for lie in 0..<5 {
            _ = density.note(NodeID(sha1Of: "\(lie)"), furthest: Density.distance(of: 1e-9), count: 8)
        }
        let after = try #require(density.switches)
        #expect(after < 2 * before)
    }

    @Test func siblings_lieInTheRegionAndApart() throws {
        let (density, _) = measured(switches: 5_000)
        let radius = try #require(density.radius)
        let target = NodeID(sha1Of: "an end")
        let siblings = density.siblings(of: target)
        #expect(Set(siblings).count == 3)
        let buckets = siblings.map { target.bucket(to: $0) }
        #expect(buckets == [buckets[0], buckets[0] - 1, buckets[0] - 2])
        #expect(siblings.allSatisfy { target.distance(to: $0) < radius || target.bucket(to: $0) == buckets[0] })
    }

    @Test func distance_andShare_areInverse() {
        for share in [1e-6, 0.001, 0.5, 0.999] {
            #expect(abs(Density.share(of: Density.distance(of: share)) - share) < 1e-9)
        }
        #expect(Density.share(of: Density.distance(of: 2)) == 1)
    }
}

/// Beside whom another one is tapped for bringing nothing, and beside whom not: threat T27.
@Suite struct SilentHostsTests {
    private let end = NodeID(sha1Of: "an end")
    private let hosts = (1...8).map { Solo.endpoint("10.1.1.\($0):1") }
    private let limits = Limits.default

    /// A message that hosts bring.
    private struct Message {
        var hop = 2
        var isAccepted = true
        let bringers: [Int]
    }

    /// Messages half a minute apart.
    private func silent(after messages: [Message]) -> [Endpoint] {
        var seen = SilentHosts(limits: .default)
        for (number, message) in messages.enumerated() {
            let now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = seen.judge(now: now) { _ in hosts }
            bring(message, number, to: &seen, now: now)
        }
        let later = Instant(nanoseconds: Int64(messages.count) * 30_000_000_000)
        _ = seen.judge(now: later) { _ in hosts }
        return seen.hosts(of: end).sorted { "\($0)" < "\($1)" }
    }

    private func bring(_ message: Message, _ number: Int, to seen: inout SilentHosts, now: Instant) {
        for (count, bringer) in message.bringers.enumerated() {
            seen.news.note(
                UInt64(number), of: end, from: hosts[bringer], isWitness: message.hop <= limits.exchange.evidenceHops,
                isNews: count == 0, now: now)
        }
        if message.isAccepted { seen.news.accept(UInt64(number)) }
    }

    /// Each brought by those whom `brings` names.
    private func silent(after messages: Int, brings: (Int, Int) -> Bool) -> [Endpoint] {
        silent(after: (0..<messages).map { number in Message(bringers: (0..<8).filter { brings(number, $0) }) })
    }

    /// Anybody can make signals up, and give them to all but one.
    @Test func host_thatMissesWhatNoReceiverAccepted_isNotBlamed() {
        #expect(silent(after: (0..<40).map { _ in Message(isAccepted: false, bringers: [1, 2, 3]) }) == [])
    }

    /// What came to one of the closest only comes from the others over a hop more.
    @Test func host_thatMissesWhatOthersHandedOnToEachOther_isNotBlamed() {
        #expect(silent(after: (0..<40).map { _ in Message(hop: 3, bringers: [1, 2, 3, 4, 5, 6, 7]) }) == [])
    }

    /// What a window had no room for is lost all at once.
    @Test func host_thatMissesABurst_missesOneMessage() {
        var seen = SilentHosts(limits: .default)
        for number in 0..<limits.exchange.comparedMessages {
            bring(Message(bringers: number == 0 ? Array(0..<8) : Array(1..<8)), number, to: &seen, now: .zero)
        }
        #expect(!seen.judge(now: Instant(nanoseconds: 60_000_000_000)) { _ in hosts })
    }

    /// The first of each burst are forgotten when the others bring them: those are no messages that the first host missed.
    @Test func message_thatWasForgotten_blamesNobody() {
        var seen = SilentHosts(limits: .default)
        let burst = 3 * limits.exchange.comparedMessages
        for round in 0..<10 {
            let now = Instant(nanoseconds: Int64(round) * 30_000_000_000)
            let later = now.advanced(by: .seconds(1))
            _ = seen.judge(now: now) { _ in hosts }
            let numbers = (0..<burst).map { UInt64(round * burst + $0) }
            for number in numbers {
                seen.news.note(number, of: end, from: hosts[0], isWitness: true, isNews: true, now: now)
            }
            for number in numbers {
                for host in hosts[1...] {
                    seen.news.note(number, of: end, from: host, isWitness: true, isNews: false, now: later)
                }
                seen.news.accept(number)
            }
        }
        _ = seen.judge(now: Instant(nanoseconds: 600_000_000_000)) { _ in hosts }
        #expect(seen.hosts(of: end) == [])
    }

    /// Two hosts make up more than is compared, so that nobody notices what they withhold.
    @Test func hostThatDrops_isNoticedBehindInventions() {
        var seen = SilentHosts(limits: .default)
        for number in 0..<12 {
            let now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = seen.judge(now: now) { _ in hosts }
            bring(Message(bringers: number == 0 ? Array(0..<8) : Array(1..<8)), number, to: &seen, now: now)
            for invented in 0..<2 * limits.exchange.comparedMessages {
                bring(
                    Message(isAccepted: false, bringers: [0, 1]), 1_000 * (number + 1) + invented, to: &seen, now: now)
            }
        }
        _ = seen.judge(now: Instant(nanoseconds: 360_000_000_000)) { _ in hosts }
        #expect(seen.hosts(of: end) == [hosts[0]])
    }

    @Test func host_thatWasBlamed_countsAgainOnceItBringsSomething() {
        #expect(silent(after: 3) { $1 >= 1 } == [hosts[0]])
        #expect(silent(after: 4) { number, host in host >= 1 || number == 3 } == [])
    }

    @Test func host_thatBringsNothing_isPassedOverAfterTwoMisses() {
        #expect(silent(after: 2) { $1 >= 3 } == [])
        #expect(silent(after: 3) { $1 >= 3 } == Array(hosts[..<3]))
    }

    @Test func host_thatMissesSometimes_stays() {
        #expect(silent(after: 60) { number, host in host > 0 || number % 6 == 0 } == [])
    }

    @Test func host_thatFallsSilent_isPassedOverAfterSixMisses() {
        #expect(silent(after: 10) { number, host in host > 0 || number < 5 } == [])
        #expect(silent(after: 11) { number, host in host > 0 || number < 5 } == [hosts[0]])
    }

    /// One liar who invents messages must not make us leave everybody else.
    @Test func host_whenOnlyOneBringsTheMessage_isNotBlamed() {
        #expect(silent(after: 20) { $1 == 0 } == [])
    }

    @Test func hosts_thatArePassedOver_areHalfAtMost() {
        #expect(silent(after: 10) { $1 >= 6 }.count == limits.exchange.silentHosts)
    }

    @Test func host_thatWasBlamed_countsAgainWhenItsTimeIsOver_withoutAMessage() {
        var seen = SilentHosts(limits: .default)
        var now = Instant.zero
        for number in 0..<4 {
            now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = seen.judge(now: now) { _ in hosts }
            bring(Message(bringers: Array(1..<8)), number, to: &seen, now: now)
        }
        #expect(seen.hosts(of: end) == [hosts[0]])
        _ = seen.judge(now: now + .seconds(10)) { _ in hosts }
        #expect(seen.deadline <= now + limits.exchange.silenceRemembered)
        let changed = seen.judge(now: seen.deadline) { _ in [] }
        #expect(changed)
        #expect(seen.hosts(of: end) == [])
        #expect(seen.deadline == .distantFuture)
    }
}
