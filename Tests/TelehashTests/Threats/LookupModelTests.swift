import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

/// A mesh as lookups see it, without its traffic: every honest switch has an ideal table and answers with the nearest
/// it knows; colluders answer with the nearest of their company. The lookups are the production ones.
struct LookupModel {
    let honest: AddressRing
    let colluders: AddressRing
    private let all: AddressRing
    private let isColluder: Set<Endpoint>
    private let seed: UInt64
    private var tables: [Endpoint: AddressRing] = [:]
    let limits: Limits
    /// Whether colluders name the nearest four of their company and four of those behind them, so that they have somebody
    /// to name on every path; else always the nearest eight.
    var isVaried = false

    init(honest: [Endpoint], colluders: [Endpoint], seed: UInt64, limits: Limits = .default) {
        self.honest = AddressRing(honest)
        self.colluders = AddressRing(colluders)
        all = AddressRing(honest + colluders)
        isColluder = Set(colluders)
        self.seed = seed
        self.limits = limits
    }

    func isHonest(_ endpoint: Endpoint) -> Bool { !isColluder.contains(endpoint) }

    /// What a lookup that begins at an honest switch finds, over as many paths as the density makes it take.
    mutating func lookUp(
        _ target: NodeID, from start: Endpoint, judgedBy density: Density?
    ) -> Lookup {
        var lookup = Lookup(target: target, startedAt: .zero, limits: limits)
        while true {
            run(&lookup, from: start)
            guard let density, let reach = lookup.reach,
                density.doubt(furthest: reach, count: limits.routing.k) != nil,
                let next = lookup.nextPath(now: .zero)
            else { return lookup }
            lookup = next
        }
    }

    private mutating func run(_ lookup: inout Lookup, from start: Endpoint) {
        let table = table(of: start)
        var offered = 0
        for member in table.closest(to: lookup.target, count: table.members.count) where offered < 2 * limits.routing.k
        {
            if lookup.offer(member.endpoint, id: member.id) { offered += 1 }
        }
        while let asked = lookup.next(now: .zero) {
            for member in answer(of: asked.endpoint, about: lookup.target) where member.endpoint != start {
                lookup.offer(member.endpoint, id: member.id, depth: asked.depth + 1)
            }
            lookup.didAnswer(asked.endpoint, isShort: false, now: .zero)
        }
    }

    private mutating func answer(of endpoint: Endpoint, about target: NodeID) -> [AddressRing.Member] {
        guard !isHonest(endpoint) else { return table(of: endpoint).closest(to: target, count: limits.routing.k) }
        let company = colluders.closest(to: target, count: isVaried ? 4 * limits.routing.k : limits.routing.k)
        guard isVaried else { return company }
        var random = SeededGenerator(seed: seed ^ endpoint.nodeID.high ^ target.high)
        return Array(
            company.prefix(limits.routing.k / 2) + company.dropFirst(limits.routing.k / 2).shuffled(using: &random)
        )
        .prefix(limits.routing.k).map { $0 }
    }

    /// For each distance from a switch up to `k` switches, drawn; the nearest ones all.
    private mutating func table(of endpoint: Endpoint) -> AddressRing {
        if let known = tables[endpoint] { return known }
        let id = endpoint.nodeID
        var random = SeededGenerator(seed: seed ^ id.high)
        var buckets = [[AddressRing.Member]](repeating: [], count: 160)
        for member in all.members where member.endpoint != endpoint {
            buckets[id.bucket(to: member.id)].append(member)
        }
        var entries: [AddressRing.Member] = []
        for bucket in buckets.indices where !buckets[bucket].isEmpty {
            for _ in 0..<min(limits.routing.k, buckets[bucket].count) {
                let last = buckets[bucket].count - 1
                buckets[bucket].swapAt(Int.random(in: 0...last, using: &random), last)
                entries.append(buckets[bucket].removeLast())
            }
        }
        let table = AddressRing(members: entries)
        tables[endpoint] = table
        return table
    }
}

/// Threats T8 and T9 on ideal tables: what the search itself can withstand.
@Suite struct CollusionModelTests {
    /// Whether the search met the honest switch that is nearest of all, and how large a part of the honest ones of the
    /// true closest set.
    private struct Tally {
        var lookups = 0
        var successes = 0
        var queries = 0
        var paths = 0

        var success: Double { Double(successes) / Double(max(1, lookups)) }
    }

    private func tally(
        percent: Int, switches: Int, lookups: Int, seed: UInt64, isGuarded: Bool, isVaried: Bool
    ) -> Tally {
        var mesh = Mesh(seed: seed)
        let endpoints = mesh.freshEndpoints(switches)
        let bad = switches * percent / 100
        var model = LookupModel(
            honest: Array(endpoints[bad...]), colluders: Array(endpoints[..<bad]), seed: seed)
        model.isVaried = isVaried
        var random = SeededGenerator(seed: seed)
        var density = Density(limits: .default)
        var tally = Tally()
        for _ in 0..<lookups {
            let start = model.honest.members[Int.random(in: 0..<model.honest.members.count, using: &random)].endpoint
            let target = NodeID(high: random.next(), middle: random.next(), low: 0)
            let lookup = model.lookUp(target, from: start, judgedBy: isGuarded ? density : nil)
            if let reach = lookup.reach { _ = density.note(target, furthest: reach, count: 8) }
            let nearest = model.honest.closest(to: target, count: 1)[0].endpoint
            tally.lookups += 1
            tally.successes += lookup.responders.contains { $0.endpoint == nearest } ? 1 : 0
            tally.queries += lookup.queries
            tally.paths += lookup.path
        }
        return tally
    }

    @Test(arguments: [(0, 0.999), (10, 0.99), (20, 0.99), (30, 0.97), (50, 0.65)], [false, true])
    func lookup_whenSwitchesCollude_findsTheNearestHonestOne(_ bar: (percent: Int, goal: Double), isVaried: Bool) {
        let (percent, goal) = bar
        let switches = ThreatScale.count(500, full: 10_000)
        let lookups = ThreatScale.count(100, full: 2_000)
        let plain = tally(
            percent: percent, switches: switches, lookups: lookups, seed: 8, isGuarded: false, isVaried: isVaried)
        let guarded = tally(
            percent: percent, switches: switches, lookups: lookups, seed: 8, isGuarded: true, isVaried: isVaried)
        ThreatScale.report(
            "T8 \(percent) % collude\(isVaried ? ", varied" : ""): plain \(plain.success) with \(plain.queries / lookups) questions,"
                + " guarded \(guarded.success) with \(guarded.queries / lookups) on"
                + " \(Double(guarded.paths) / Double(lookups)) paths")
        if percent >= 20 { #expect(guarded.success > plain.success, "the paths are worth their questions") }
        #expect(guarded.success >= (ThreatScale.isFull ? goal : goal - 0.05), "seed 8, \(percent) %")
    }

    /// A second path meets nobody of the first one, and the result is that of both.
    @Test func path_avoidsWhomEarlierOnesMet() throws {
        let target = NodeID(sha1Of: "an end")
        var mesh = Mesh(seed: 3)
        let members = AddressRing(mesh.freshEndpoints(30)).closest(to: target, count: 30)
        var lookup = Lookup(target: target, startedAt: .zero, limits: .default)
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

/// Threat T7: one host with all its ports against 10,000 honest switches. A place is the hash of address and port, so by
/// places alone it would be 7 of the 8 nearest to any key.
@Suite struct SybilModelTests {
    private static let ports = 1_024...65_535

    private func host() -> [Endpoint] {
        Self.ports.map { Solo.endpoint("66.77.88.99:\($0)") }
    }

    @Test func host_withAllItsPorts_isOneOfTheClosestSetOfAnyKeyAtMost() {
        let keys = ThreatScale.count(300, full: 10_000)
        var mesh = Mesh(seed: 7)
        var random = SeededGenerator(seed: 7)
        let honest = AddressRing(mesh.freshEndpoints(10_000))
        let host = AddressRing(host())
        var worst = 0
        var uncapped = 0
        for _ in 0..<keys {
            let key = NodeID(high: random.next(), middle: random.next(), low: 0)
            // Somebody names all of them, the attacker's first: he answers faster than anybody.
            let sybils = host.closest(to: key, count: 64)
            let others = honest.closest(to: key, count: 16)
            uncapped += (sybils + others).sorted { key.isCloser($0.id, than: $1.id) }.prefix(8).count {
                $0.endpoint.isSameHost(as: sybils[0].endpoint)
            }
            var lookup = Lookup(target: key, startedAt: .zero, limits: .default)
            for member in sybils + others { lookup.offer(member.endpoint, id: member.id) }
            while let asked = lookup.next(now: .zero) { lookup.answer(asked) }
            let found = lookup.report(as: LookupID(value: 1), now: .zero).closest
            #expect(found.count == 8)
            worst = max(worst, found.count { $0.isSameHost(as: sybils[0].endpoint) })
        }
        ThreatScale.report(
            "T7 \(keys) keys: at most \(worst) of the closest 8, by places alone \(Double(uncapped) / Double(keys))")
        #expect(worst <= 1)
        #expect(Double(uncapped) / Double(keys) > 6, "without counting by host it would own every key")
    }

    @Test func host_withAllItsPorts_hasThreeEntriesInATableAtMost() {
        var mesh = Mesh(seed: 77)
        var random = SeededGenerator(seed: 77)
        let honest = mesh.freshEndpoints(ThreatScale.count(1_000, full: 10_000))
        let all = (honest + host()).shuffled(using: &random)
        let attacker = Solo.endpoint("66.77.88.99:1")
        for _ in 0..<ThreatScale.count(1, full: 20) {
            let center = mesh.freshEndpoint().nodeID
            var buckets = Buckets(center: center, limits: .default)
            for endpoint in all { buckets.note(endpoint, id: endpoint.nodeID, evidence: .answeredUs, now: .zero) }
            let entered = buckets.buckets.flatMap(\.entries).count { $0.endpoint.isSameHost(as: attacker) }
            #expect(entered <= Limits.default.routing.perGroupInTable)
            #expect(buckets.population.reduce(0) { $0 + $1.switches } > 50)
        }
    }
}

extension Endpoint {
    func isSameHost(as other: Endpoint) -> Bool { hostGroup == other.hostGroup }
}

extension Lookup {
    /// The candidate answers in full.
    mutating func answer(_ candidate: Candidate) {
        didAnswer(candidate.endpoint, isShort: false, now: .zero)
    }
}
