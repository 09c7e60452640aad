import Telehash
import TelehashWire

/// The counters of what was not taken, not done or not sent, in one list for `status` and for `/metrics`.
enum DropNames {
    /// Telexes that were dropped whole.
    static let telexes =
        [
            "line_wrong", "line_unexpected", "line_stale", "line_missing", "line_locked_out", "ring_wrong",
            "ring_changed", "from_self", "from_martian", "echo", "stranger_rate", "line_rate", "window_overrun",
        ] + TelexError.allCases.map(\.rawValue)

    /// What the switch was asked to do, or wanted to do, and did not.
    static let mesh = [
        "commands_locked_out", "commands_unproven", "tap_rules_ignored", "tap_rules_crowded", "request_rate",
        "stranger_signal_rate",
        "stranger_factor", "end_malformed", "table_full", "dial_queue_full", "dial_forbidden", "dial_rate",
        "dial_host_rate", "lookup_queue_full", "adoption_rate", "hops_used_up", "relay_too_long", "queue_full",
        "window_closed", "pop_refused", "publications_overflow", "taps_refused", "redirects_unasked", "redirect_rate",
        "tree_dial_rate", "copy_of2011_rate",
    ]

    /// What the bus side did not take or could not send, and the label of each.
    static let bus = [
        "bus_late_acks": "late_ack", "bus_queue_full": "queue_full", "bus_busy": "busy",
        "bus_congested": "congested", "bus_malformed_frames": "malformed",
        "bus_unexpected_messages": "unexpected", "bus_not_allowed": "not_allowed",
        "bus_dropped_with_store": "store_gone",
    ]

    /// Connections to the bus that were not let in, and the label of each.
    static let connections = [
        "bus_handshakes_failed": "handshake", "bus_keys_refused": "key", "bus_accepts_failed": "descriptors",
    ]

    static let all = Set(telexes + mesh)
        .union(bus.keys).union(connections.keys)
        .union(SendFailures.Reason.allCases.map(\.rawValue))
        .union(["udp_socket_errors", "udp_receive_drops", "bus_malformed_from_mesh", "connections_refused"])
}
