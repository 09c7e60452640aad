import CAccept

/// Connections to sockets of this process that were closed at once, because too few descriptors were left for them.
///
/// libzmq would end the process instead; see `accept.c`.
package enum RefusedConnections {
    /// Since the process was started.
    package static var count: UInt64 { p2pmsg_refused_connections() }

    /// The counter's name in `/metrics` and `status`.
    package static let counterName = "connections_refused"
}
