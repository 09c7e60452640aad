import Telehash
import TelehashWire

/// One simulated machine with a production switch on it.
package struct MeshNode: Sendable {
    /// The address of its socket: a private one behind a gateway.
    package var endpoint: Endpoint
    /// The gateway that it sits behind.
    package var box: Int?
    package var configuration: Switch.Configuration
    package var node: Switch
    /// Its own generator: what one node draws does not change what another one gets.
    package var random: SeededGenerator
    package var isUp = true
    /// Whether its process is stopped; what arrives waits in ``backlog``.
    package var isFrozen = false
    var backlogBytes = 0
    package var backlog: [MeshEvent.Arrival] = []
    package var clock = NodeClock()
    /// What the application listens to; given to the switch again when it restarts.
    package var ends: Set<NodeID> = []
    /// The earliest wake that is planned; later ones are planned only when this has passed.
    package var plannedWake = Instant.distantFuture
    /// For noticing a node that keeps time from moving.
    var lastWake = Instant.distantFuture
    var wakesAtOneInstant = 0

    /// What a switch is called with, for each kind of event.
    typealias Call = (inout Switch, Instant, inout SeededGenerator, inout [Effect]) -> Void

    /// What waited in its socket is gone.
    package mutating func clearBacklog() {
        backlog = []
        backlogBytes = 0
    }

    /// The memory of its process is gone: in a mesh with churn the dead would come to take more than the living.
    mutating func forgetEverything(now: Instant) {
        // What the next process draws does not depend on this one.
        var spare = random
        node = Switch(configuration, now: now, using: &spare)
    }

    /// `now` is the time of the mesh; the switch is told that of its own clock.
    mutating func handle(now: Instant, into effects: inout [Effect], _ call: Call) {
        call(&node, clock.reading(at: now), &random, &effects)
    }
}

/// Signals that reached an application in the mesh.
package struct MeshDelivery: Sendable {
    /// The number of the node, in the order of creation.
    package let node: Int
    package let time: Instant
    package let delivery: Delivery
}

/// What a run did, as far as it can be counted.
package struct MeshCounters: Hashable, Sendable {
    /// Datagrams that switches sent.
    package var sent = 0
    /// UDP payload bytes of those.
    package var sentBytes = 0
    /// Lost by the network, by a cut included.
    package var lost = 0
    package var duplicated = 0
    /// With one bit flipped.
    package var corrupted = 0
    /// Cut short.
    package var truncated = 0
    /// Sent where a gateway, or the lack of one, leads nowhere.
    package var untranslated = 0
    /// Lost because the socket buffer of a frozen process was full.
    package var overflowed = 0
    /// Arrived at a switch that was up.
    package var received = 0
    /// Arrived where nobody is, or at a node that is down.
    package var unreachable = 0
    /// Sent from outside with ``Mesh/inject(_:from:to:)``.
    package var injected = 0
    /// Sent by scripted peers, and arrived at them.
    package var sentByPeers = 0
    package var receivedByPeers = 0
    /// Events that were processed.
    package var events = 0

    package init() {}
}
