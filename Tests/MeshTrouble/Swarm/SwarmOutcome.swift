/// How a swarm's plan went.
package struct SwarmOutcome: Sendable {
    /// Something that may not be: a broken rule, or a mesh that did not come together again.
    package struct Failure: Sendable, CustomStringConvertible {
        /// By which two failures are the same.
        package let kind: String
        /// The node that it happened at.
        package let node: Int
        package let description: String
    }

    package let plan: SwarmPlan
    package internal(set) var failures: [Failure] = []
    package internal(set) var traceHash: UInt64 = 0
    /// Events that were processed.
    package internal(set) var events = 0
    /// Simulated seconds.
    package internal(set) var seconds = 0.0
    /// The last events of the node that was watched.
    package internal(set) var log: [String] = []
}
