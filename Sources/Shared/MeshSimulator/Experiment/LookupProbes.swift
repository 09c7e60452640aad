import Telehash
import TelehashWire

/// The lookups of an experiment and how they went.
package struct LookupProbes: Sendable {
    /// A lookup that has not ended by then failed.
    package static let patience = Duration.seconds(30)

    struct Probe: Sendable {
        let target: NodeID
        let asker: Int
        let began: Instant
    }

    var open: [LookupID: Probe] = [:]
    private var judged = 0
    private var successes = 0
    private var hops = 0
    private var maxHops = 0
    private var queries = 0
    private var foundClosest = 0.0
    /// Lookups and failures by when they began, in steps of ``recoveryStep`` since the measurement did.
    private var steps: [(judged: Int, failed: Int)] = []

    /// How finely the time to recovery is measured.
    static let recoveryStep = Duration.seconds(10)
    /// The part of the lookups that succeed in a mesh that has recovered.
    static let recoveredRatio = 0.999

    /// - Parameter began: since the measurement did.
    mutating func judge(
        _ outcome: LookupReport?, began: Duration, isRight: Bool, foundClosest share: Double
    ) {
        judged += 1
        let step = Int(began.seconds / LookupProbes.recoveryStep.seconds)
        while steps.count <= step { steps.append((0, 0)) }
        steps[step].judged += 1
        if !isRight { steps[step].failed += 1 }
        queries += outcome?.queries ?? 0
        foundClosest += share
        guard isRight, let outcome else { return }
        successes += 1
        hops += outcome.hops
        maxHops = max(maxHops, outcome.hops)
    }

    package init() {}

    func write(into report: inout MeshReport) {
        report.lookups = judged
        guard judged > 0 else { return }
        report.lookupSuccess = Double(successes) / Double(judged)
        report.queriesMean = Double(queries) / Double(judged)
        report.foundClosest = foundClosest / Double(judged)
        report.maxHops = maxHops
        let lastBad = steps.lastIndex {
            Double($0.judged - $0.failed) < LookupProbes.recoveredRatio * Double($0.judged)
        }
        report.recoverySeconds = Double((lastBad ?? -1) + 1) * LookupProbes.recoveryStep.seconds
        if successes > 0 { report.meanHops = Double(hops) / Double(successes) }
    }
}

extension MeshExperiment {
    /// Looks a random place up from a random switch.
    mutating func beginLookup() {
        guard let asker = randomLiving() else { return }
        let target = NodeID(sha1Of: "place \(random.next())")
        lookupsBegun += 1
        let id = LookupID(value: lookupsBegun)
        probes.open[id] = LookupProbes.Probe(target: target, asker: asker, began: mesh.now)
        mesh.lookUp(target, as: id, from: asker)
        agenda.plan(.judgeLookup(id), at: mesh.now + LookupProbes.patience)
    }

    mutating func judgeLookup(_ id: LookupID) {
        guard let probe = probes.open.removeValue(forKey: id) else { return }
        let outcome = mesh.takeFound(id)
        // Who leaves in the middle of its own lookup tells nothing about the mesh.
        guard outcome != nil || mesh.isUp(probe.asker) else { return }
        let ended = outcome.map { probe.began + $0.took } ?? mesh.now
        let known = probe.began - min(MeshExperiment.joinTime, Instant.zero.duration(to: probe.began))
        let truth = census.closest(
            to: probe.target, count: parameters.limits.routing.k, joinedBy: known, leftAfter: ended,
            besides: mesh.endpoint(of: probe.asker))
        let answers = (outcome?.closest ?? []).filter { !attackers.contains($0) }.map(\.nodeID)
        let nearest = truth.first.map { truth in
            answers.first.map { !probe.target.isCloser(truth, than: $0) } ?? false
        }
        let found = truth.count { answers.contains($0) }
        probes.judge(
            outcome, began: measuredSince.duration(to: probe.began), isRight: nearest ?? true,
            foundClosest: truth.isEmpty ? 1 : Double(found) / Double(truth.count))
    }
}
