import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

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
}
