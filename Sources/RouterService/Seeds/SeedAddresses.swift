import ServiceRuntime
import TelehashWire

/// What the seeds stand for now.
struct SeedAddresses: Equatable, Sendable {
    var endpoints: [Endpoint] = []
    /// Whether a name is being looked up for the first time.
    var awaitsMore = false
}

extension SeedAddress {
    /// The address, when it is one and no name.
    var literal: Endpoint? { Endpoint(description) }
}
