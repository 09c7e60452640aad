import Messages
import ServiceRuntime

/// What a receiver runs with, checked as far as that goes without touching the system.
struct ReceiverConfiguration: Sendable {
    /// The router's address.
    let bus: String
    /// The store's file.
    let store: String
    /// The channels that are kept; at least one.
    let channels: [Channel]
    /// Whether 2011 messages are refused.
    let refuses2011: Bool
    /// Whose messages are taken, and how many.
    let policy: Policy
    /// How long messages are kept.
    let retention: Retention
    /// Where health and metrics are served.
    let ops: ListenAddress?
}
