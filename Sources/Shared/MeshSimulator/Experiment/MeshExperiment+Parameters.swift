import Telehash

extension MeshExperiment {
    /// What an experiment is made of. Ratios are 0…1.
    package struct Parameters: Sendable {
        /// Switches in the mesh, the attackers included, 1…1,000,000.
        package var nodes = 1_000
        /// Datagrams that get lost.
        package var loss = 0.0
        /// Switches that die without notice when the measurement begins, so that they are in all tables.
        package var dead = 0.0
        /// Switches that work together against the others: they name only each other and drop what they are given.
        package var attackers = 0.0
        /// Attackers besides, all of them nearer to the end at which the messages are published than anybody honest (T9).
        package var sybils = 0
        /// The median of the sessions (Weibull of shape 0.5), after which a switch is replaced by a newcomer elsewhere;
        /// zero: everybody stays.
        package var churnMedian = Duration.zero
        /// Switches that publish, each one message every ``publishInterval``.
        package var publishers = 5
        /// Switches that listen to the end at which the messages are published.
        package var subscribers = 50
        /// The measured time.
        package var duration = Duration.seconds(300)
        package var seed: UInt64 = 1

        /// How long a datagram is on its way.
        package var delay = NetworkFaults.Delay.uniform(from: .milliseconds(5), to: .milliseconds(50))
        /// Lookups a minute in the whole mesh; by default one in five minutes for each switch.
        package var lookupsPerMinute: Double
        /// How long a publisher waits between two messages.
        package var publishInterval = Duration.seconds(10)
        /// The mesh doubles in this time while it grows. Each join opens some hundred lines for as long as a silent line
        /// lasts, which is most of what a large mesh takes of memory, so that one grows slowly.
        package var doubling: Duration
        /// Time for the tables to fill after the last one joined.
        package var settling = Duration.seconds(120)
        /// Time in which nothing is asked of the mesh, to measure what it does of itself.
        package var quiet = Duration.seconds(120)
        /// Questions a second under forged senders' names, for measuring what these get.
        package var forgedPerSecond = 1.0
        package var limits = Limits.default

        package init(nodes: Int = 1_000) {
            self.nodes = nodes
            lookupsPerMinute = max(60, 0.2 * Double(nodes))
            doubling = nodes > 20_000 ? .seconds(100) : .seconds(4)
        }

        /// Switches that are no attackers.
        package var honest: Int { nodes - Int((Double(nodes) * attackers).rounded()) }

        package var faults: NetworkFaults {
            var faults = NetworkFaults()
            faults.loss = loss
            faults.delay = delay
            return faults
        }

        /// Why nothing can be measured with these, in words; `nil` when all is well.
        package var problem: String? {
            if !(1...1_000_000).contains(nodes) { return "a mesh has 1 to 1000000 nodes" }
            for (name, ratio) in [("loss", loss), ("dead", dead)] where !(0...1).contains(ratio) {
                return "\(name) is 0 to 100 percent"
            }
            if !(0..<1).contains(attackers) { return "attackers are 0 to below 100 percent" }
            if !(0...1_000).contains(sybils) { return "sybils are 0 to 1000" }
            if honest < 1 { return "somebody must be honest" }
            if churnMedian < .zero { return "the churn's median is not negative" }
            if churnMedian > .zero, churnMedian < .seconds(1) { return "the churn's median is a second at least" }
            if doubling <= .zero || doubling > .seconds(3600) { return "the mesh doubles in up to an hour" }
            if publishers < 0 || subscribers < 0 { return "publishers and subscribers are not negative" }
            if publishers > honest { return "there are more publishers than honest nodes" }
            if subscribers > honest { return "there are more subscribers than honest nodes" }
            if duration <= .zero || duration > .seconds(7 * 24 * 3600) { return "the measured time is up to a week" }
            return nil
        }
    }
}
