import MeshSimulator
import Telehash

extension MeshExperiment {
    /// Measures the same mesh again under other conditions. Whoever died since it grew has been replaced by newcomers
    /// when the stage begins. Who attacks, the size and the seed stay what they are.
    package mutating func runAgain(
        progress: (Progress) -> Void = { _ in }, _ change: (inout Parameters) -> Void
    ) -> MeshReport {
        let began = ContinuousClock.now
        let grown = parameters
        change(&parameters)
        parameters.keepMesh(of: grown)
        mesh.faults = parameters.faults
        report = MeshReport()
        probes = LookupProbes()
        forgetMessages()
        agenda = EventQueue()
        let refill = planRefill()
        let total = mesh.now + refill + stageTime
        advance(by: refill) { progress(Progress("newcomers join", $0, of: total)) }
        replaceSilentSpeakers()
        return runStage(since: began, progress: progress)
    }

    /// Begins anew with those who speak and listen.
    private mutating func forgetMessages() {
        let before = channel
        channel = Channel()
        channel.publishers = before.publishers
        channel.subscribers = before.subscribers
    }

    /// Plans as many joins as there have been deaths, at the speed of the growth's end. Returns how long they take.
    private mutating func planRefill() -> Duration {
        let missing = max(0, parameters.honest - living.count)
        let span = parameters.doubling * (2 * Double(missing) / Double(parameters.honest))
        for newcomer in 0..<missing {
            agenda.plan(.join, at: mesh.now + span * (Double(newcomer) / Double(missing)))
        }
        return missing > 0 ? span + .seconds(1) : .zero
    }

    /// Others do what those did who died since.
    private mutating func replaceSilentSpeakers() {
        let speakers = channel.subscribers.keys.sorted() + channel.publishers
        for number in speakers where !mesh.isUp(number) {
            guard let other = randomIdle() else { continue }
            channel.replace(number, by: other, now: mesh.now)
            if channel.subscribers[other] != nil { mesh.tap([Channel.end], at: other) }
        }
    }

    /// A switch that neither speaks nor listens; `nil` where hardly any is left.
    private mutating func randomIdle() -> Int? {
        for _ in 0..<100 {
            guard let number = randomLiving() else { return nil }
            if channel.subscribers[number] == nil, !channel.publishers.contains(number) { return number }
        }
        return nil
    }
}

extension MeshExperiment.Parameters {
    /// Takes from `grown` what can't change any more when the mesh is there.
    fileprivate mutating func keepMesh(of grown: Self) {
        nodes = grown.nodes
        attackers = grown.attackers
        sybils = grown.sybils
        publishers = grown.publishers
        subscribers = grown.subscribers
        limits = grown.limits
        seed = grown.seed
    }
}
