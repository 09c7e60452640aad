import ArgumentParser
import MeshTrouble

/// Many small meshes, each with its own trouble.
struct Swarm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Many small meshes, each in trouble of its own: rules hold, and three minutes later all is well.")

    @Option(help: "How many.") var seeds = 1_000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Flag(help: "Small meshes and little trouble, as in continuous integration.") var small = false
    @Option(help: "End after so many failures.") var failures = 5

    func run() throws {
        let clock = ContinuousClock()
        let began = clock.now
        var failed: [UInt64] = []
        var events = 0
        var seconds = 0.0
        for seed in from..<(from + UInt64(seeds)) {
            var run = SwarmRun(SwarmPlan(seed: seed, scale: small ? .small : .full))
            let outcome = run.run()
            events += outcome.events
            seconds += outcome.seconds
            note("\rseed \(seed), \(failed.count) failed", terminator: "")
            guard !outcome.failures.isEmpty else { continue }
            failed.append(seed)
            tell(outcome)
            if failed.count >= failures { break }
        }
        note("")
        let wall = began.duration(to: clock.now)
        print(
            "\(seeds) seeds, \(failed.count) failed \(failed); \(Int(seconds)) s simulated, \(events) events, \(wall)")
        if !failed.isEmpty { throw ExitCode.failure }
    }

    private func tell(_ outcome: SwarmOutcome) {
        print("\nFAILED seed \(outcome.plan.seed)")
        for failure in outcome.failures.prefix(10) { print("  \(failure)") }
        var shrinker = SwarmShrinker()
        let plan = shrinker.shrink(outcome)
        var probe = SwarmRun(plan)
        let first = probe.run().failures.first
        var run = SwarmRun(plan, watching: first?.node)
        let small = run.run()
        print("The smallest that fails in the same way (\(shrinker.runs) runs):\n\(plan)")
        for failure in small.failures.prefix(5) { print("  \(failure)") }
        print("The last events of node \(first?.node ?? 0):")
        for line in small.log { print("  \(line)") }
    }
}
