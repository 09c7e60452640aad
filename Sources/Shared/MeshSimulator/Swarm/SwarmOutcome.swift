/// How a swarm's plan went.
public struct SwarmOutcome: Sendable {
    /// Something that may not be: a broken rule, or a mesh that did not come together again.
    public struct Failure: Sendable, CustomStringConvertible {
        /// By which two failures are the same.
        public let kind: String
        /// The node that it happened at.
        public let node: Int
        public let description: String
    }

    public let plan: SwarmPlan
    public internal(set) var failures: [Failure] = []
    public internal(set) var traceHash: UInt64 = 0
    /// Events that were processed.
    public internal(set) var events = 0
    /// Simulated seconds.
    public internal(set) var seconds = 0.0
    /// The last events of the node that was watched.
    public internal(set) var log: [String] = []
}
