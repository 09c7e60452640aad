import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

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
            var lookup = Lookup(target: key, now: .zero, limits: .default)
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
            var entered = 0
            for endpoint in all {
                let outcome = buckets.note(endpoint, id: endpoint.nodeID, evidence: .answeredUs, now: .zero)
                if outcome == .entered, endpoint.isSameHost(as: attacker) { entered += 1 }
            }
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
