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
        #expect(few.judge(furthest: Density.distance(of: 0.9), count: 8) == .unknown)
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
            if density.judge(furthest: reach, count: 8) == .plausible { plausible += 1 }
        }
        #expect(plausible > 375, "three of four honest sets, however the estimate fell")
        #expect(density.judge(furthest: Density.distance(of: 1.0 / 5_000), count: 8) == .dense)
        #expect(density.judge(furthest: Density.distance(of: 40.0 / 5_000), count: 8) == .sparse)
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

    /// A second path meets nobody of the first one, and the result is that of both.
    @Test func path_avoidsWhomEarlierOnesMet() throws {
        let target = NodeID(sha1Of: "an end")
        var mesh = Mesh(seed: 3)
        let members = AddressRing(mesh.freshEndpoints(30)).closest(to: target, count: 30)
        var lookup = Lookup(target: target, now: .zero, limits: .default)
        for member in members[10...] { lookup.offer(member.endpoint, id: member.id) }
        while let asked = lookup.next(now: .zero) { lookup.answer(asked) }
        var second = try #require(lookup.nextPath(now: .zero))
        #expect(second.offer(members[10].endpoint, id: members[10].id) == false)
        #expect(second.responders.map(\.endpoint) == members[10..<18].map(\.endpoint))
        for member in members[..<10] { second.offer(member.endpoint, id: member.id) }
        while let asked = second.next(now: .zero) { second.answer(asked) }
        #expect(second.closestResponders == members[..<8].map(\.endpoint))
        #expect((16...18).contains(second.queries), "what the first path asked is counted too")
        let third = try #require(second.nextPath(now: .zero))
        #expect(third.nextPath(now: .zero) == nil, "three paths are all")
    }
}
