/// Looks for a smaller plan that fails in the same way: without some kinds of trouble, with fewer incidents and nodes,
/// and over sooner.
package struct SwarmShrinker: Sendable {
    /// Runs that the search may take.
    private let budget: Int
    package private(set) var runs = 0

    package init(budget: Int = 150) { self.budget = budget }

    /// The smallest failing plan that was found.
    package mutating func shrink(_ failed: SwarmOutcome) -> SwarmPlan {
        guard let kind = failed.failures.first?.kind else { return failed.plan }
        var plan = failed.plan
        var progress = true
        while progress, runs < budget {
            progress = false
            for candidate in candidates(for: plan) where runs < budget {
                runs += 1
                var run = SwarmRun(candidate)
                guard run.run().failures.contains(where: { $0.kind == kind }) else { continue }
                plan = candidate
                progress = true
                break
            }
        }
        return plan
    }

    /// Smaller plans, those that save most first.
    private func candidates(for plan: SwarmPlan) -> [SwarmPlan] {
        var smaller = plan.kinds.map { plan.without($0) }
        let seconds = plan.trouble.seconds
        if seconds >= 4 { smaller.append(plan.with(trouble: .seconds(Int(seconds / 2)))) }
        if plan.nodes > 2 { smaller.append(plan.with(nodes: max(2, plan.nodes / 2))) }
        for index in plan.incidents.indices {
            var less = plan
            less.incidents.remove(at: index)
            smaller.append(less)
        }
        if plan.nodes > 2 { smaller.append(plan.with(nodes: plan.nodes - 1)) }
        return smaller
    }
}
