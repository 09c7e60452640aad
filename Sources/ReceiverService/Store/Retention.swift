import Messages
import TelehashWire

/// How long, or how much of, a channel is kept.
package struct Retention: Sendable, Hashable {
    package struct Bounds: Sendable, Hashable {
        /// nil: for ever.
        package var age: Duration?
        /// What the messages take of the store; nil: any.
        package var bytes: Int64?

        package init(age: Duration? = nil, bytes: Int64? = nil) {
            self.age = age
            self.bytes = bytes
        }

        package var isUnbounded: Bool { age == nil && bytes == nil }
    }

    /// Of channels that have none of their own.
    package var general: Bounds
    package var channels: [NodeID: Bounds]
    /// Bytes that new strangers may fill together; nil: any.
    package var strangerBytes: Int64? = StoreLimits.strangerBytes

    /// By default everything is kept.
    package init(_ general: Bounds = Bounds(), channels: [NodeID: Bounds] = [:]) {
        self.general = general
        self.channels = channels
    }

    /// Whether no channel has a bound.
    package var isUnbounded: Bool { general.isUnbounded && channels.values.allSatisfy(\.isUnbounded) }

    /// A channel's own bounds win one by one over the general ones.
    package func bounds(of end: NodeID) -> Bounds {
        let own = channels[end] ?? Bounds()
        return Bounds(age: own.age ?? general.age, bytes: own.bytes ?? general.bytes)
    }
}

extension Duration {
    /// Rounded down; of at most some thousand years.
    package var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
