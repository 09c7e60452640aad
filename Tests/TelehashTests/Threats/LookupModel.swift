import MeshSimulator
import TelehashWire

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
        var lookup = Lookup(target: target, now: .zero, limits: limits)
        while true {
            run(&lookup, from: start)
            guard let density, let reach = lookup.reach else { return lookup }
            switch density.judge(furthest: reach, count: limits.routing.k) {
            case .unknown, .plausible: return lookup
            case .dense, .sparse:
                guard let next = lookup.nextPath(now: .zero) else { return lookup }
                lookup = next
            }
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
