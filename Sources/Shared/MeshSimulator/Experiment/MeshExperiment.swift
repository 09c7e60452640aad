import Telehash
import TelehashWire

/// A mesh that grows, settles, is measured, and says what it was like.
///
/// It grows by real joins: each newcomer knows up to three earlier switches. When all are there and the tables had
/// time to fill, the subscribers tap an end, the mesh is left alone for a while to see what it does of itself, and then
/// the measured time begins: lookups for random places, messages, forged questions, and whatever was asked for of
/// deaths and churn.
///
/// **Success of a lookup.** The first of its answers is the nearest switch. With churn the nearest changes while the
/// lookup runs, so the demand is that no switch is nearer that joined ``joinTime`` before the lookup began and was
/// there until it ended. Attackers that push themselves in front don't count, neither for the answer nor for the nearest.
///
/// **Delivery.** A message must reach every subscriber that was up and subscribed for ``subscriptionTime`` before it was
/// published and is still up ``deliveryTime`` after; by then it must have it.
package struct MeshExperiment: Sendable {
    /// How long a newcomer has to become findable.
    package static let joinTime = Duration.seconds(30)
    /// How long a subscription may take until it counts on every message.
    package static let subscriptionTime = Duration.seconds(60)
    /// How long a message may take.
    package static let deliveryTime = Duration.seconds(10)

    /// How many events pass between two audits.
    package static let eventsPerAudit = 64

    /// Those of the stage that runs or ran last.
    package var parameters: Parameters
    package var mesh: Mesh

    var random: SeededGenerator
    package var agenda = EventQueue<Action>()
    var census = Census()
    package var report = MeshReport()
    package var probes = LookupProbes()
    package var channel = Channel()
    /// Lookups and messages so far: their numbers are not used again.
    var lookupsBegun: UInt64 = 0
    var messagesBegun = 0
    /// Numbers of the switches that are up, in no particular order, and where each stands in it.
    package var living: [Int] = []
    var placeInLiving: [Int: Int] = [:]
    var attackers: Set<Endpoint> = []
    /// When the measured time began.
    var measuredSince = Instant.zero
    /// Addresses whose owners never asked for anything.
    var victims: [Endpoint] = []

    /// What the experiment itself does to the mesh.
    package enum Action: Sendable {
        case join
        case leave(Int)
        case lookUp
        case judgeLookup(LookupID)
        case publish(place: Int)
        case judgeMessage(Int)
        case forge
    }

    package init(_ parameters: Parameters) {
        self.parameters = parameters
        mesh = Mesh(seed: parameters.seed, faults: parameters.faults)
        mesh.keepsProgress = false
        mesh.eventsPerAudit = MeshExperiment.eventsPerAudit
        random = SeededGenerator(seed: parameters.seed ^ 0x6578_7065_7269_6d65)
    }

    /// How far a run got, for those who wait.
    package struct Progress: Sendable {
        package let phase: String
        /// Simulated seconds so far, and in all.
        package let done: Double
        package let total: Double

        package init(_ phase: String, _ now: Instant, of end: Instant) {
            self.phase = phase
            done = now.seconds
            total = end.seconds
        }
    }

    /// Runs the whole experiment.
    package mutating func run(progress: (Progress) -> Void = { _ in }) -> MeshReport {
        let began = ContinuousClock.now
        let growth = planGrowth()
        let total = mesh.now + growth + stageTime
        advance(by: growth) { progress(Progress("the mesh grows", $0, of: total)) }
        addAttackers()
        chooseSpeakers()
        return runStage(since: began, progress: progress)
    }

    package mutating func runStage(
        since began: ContinuousClock.Instant, progress: (Progress) -> Void
    ) -> MeshReport {
        let total = mesh.now + stageTime
        advance(by: parameters.settling) { progress(Progress("it settles", $0, of: total)) }
        startChurn()
        let alone = mesh.counters
        advance(by: parameters.quiet) { progress(Progress("it is left alone", $0, of: total)) }
        noteMaintenance(since: alone)
        measuredSince = mesh.now
        killSome()
        planMeasurement()
        let measured = mesh.counters
        advance(by: parameters.duration) { progress(Progress("it is measured", $0, of: total)) }
        noteTraffic(since: measured)
        // What was begun must come to its end, but counts no more.
        advance(by: MeshExperiment.afterglow) { progress(Progress("it is measured", $0, of: total)) }
        conclude()
        report.wallSeconds = (ContinuousClock.now - began).seconds
        return report
    }

    /// What a stage takes when everybody is there.
    package var stageTime: Duration {
        parameters.settling + parameters.quiet + parameters.duration + MeshExperiment.afterglow
    }

    /// Time for the last lookup and message to be judged.
    static let afterglow = max(LookupProbes.patience, deliveryTime) + .seconds(1)

    /// Lets time pass and does what is planned.
    package mutating func advance(by duration: Duration, tell: (Instant) -> Void) {
        let end = mesh.now.advanced(by: duration)
        var toldAt = mesh.now
        while mesh.now < end {
            mesh.run(to: min(end, agenda.nextTime ?? end, mesh.now.advanced(by: .seconds(1))))
            for delivery in mesh.takeDeliveries() { channel.took(delivery) }
            while let next = agenda.nextTime, next <= mesh.now, let (_, action) = agenda.next() { perform(action) }
            if toldAt.duration(to: mesh.now) >= .seconds(1) {
                toldAt = mesh.now
                tell(mesh.now)
            }
        }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .join: join()
        case .leave(let number): replace(number)
        case .lookUp: beginLookup()
        case .judgeLookup(let id): judgeLookup(id)
        case .publish(let place): publish(from: place)
        case .judgeMessage(let number): judgeMessage(number)
        case .forge: forge()
        }
    }
}

extension MeshExperiment {
    private mutating func noteMaintenance(since before: MeshCounters) {
        guard parameters.quiet > .zero else { return }
        let sent = Double(mesh.counters.sent - before.sent)
        report.maintenancePerNodeMinute = sent / (parameters.quiet.seconds / 60) / Double(max(1, living.count))
    }

    private mutating func noteTraffic(since before: MeshCounters) {
        let population = Double(max(1, living.count))
        let seconds = parameters.duration.seconds
        report.telexesPerNodeMinute = Double(mesh.counters.sent - before.sent) / (seconds / 60) / population
        report.bytesPerNodeSecond = Double(mesh.counters.sentBytes - before.sentBytes) / seconds / population
    }

    private mutating func planMeasurement() {
        let duration = parameters.duration
        let count = Int((parameters.lookupsPerMinute * duration.seconds / 60).rounded())
        for _ in 0..<count { agenda.plan(.lookUp, at: mesh.now + random.nextMoment(within: duration)) }
        for place in 0..<parameters.publishers {
            var at = random.nextMoment(within: parameters.publishInterval)
            while at < duration {
                agenda.plan(.publish(place: place), at: mesh.now + at)
                at += parameters.publishInterval
            }
        }
        victims = (0..<20).map { _ in mesh.freshEndpoint() }
        let forged = Int((parameters.forgedPerSecond * duration.seconds).rounded())
        for _ in 0..<forged { agenda.plan(.forge, at: mesh.now + random.nextMoment(within: duration)) }
    }

    /// Sends a question in the name of somebody who never asked.
    private mutating func forge() {
        guard let victim = victims.randomElement(using: &random), let target = randomLiving() else { return }
        mesh.injectForgedQuestion(from: victim, to: target, using: &random)
    }

    private mutating func conclude() {
        report.nodes = parameters.nodes
        report.seed = parameters.seed
        report.traceHash = mesh.traceHash
        probes.write(into: &report)
        channel.write(into: &report)
        report.maxAmplification = mesh.largestAmplification
        report.simulatedSeconds = mesh.now.seconds
        report.events = mesh.counters.events
        report.violations = mesh.violations.map(\.description)
    }
}

extension Instant {
    /// Seconds since the start of the clock.
    package var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Duration {
    package var seconds: Double { Double(nanoseconds) / 1e9 }
}
