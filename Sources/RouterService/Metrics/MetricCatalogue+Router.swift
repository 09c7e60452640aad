import ServiceRuntime
import Telehash
import TelehashWire

extension MetricCatalogue {
    /// The names of the switch's counters and of ``HubEvent``.
    static let router: MetricCatalogue = {
        var catalogue = MetricCatalogue()
        catalogue.addTraffic()
        catalogue.addRefusals()
        catalogue.addDealings()
        catalogue.addBus()
        return catalogue
    }()

    /// The counters of what was not taken, not done or not sent, for `status`.
    static let drops = router.numbers(in: [
        "telexes_dropped", "mesh_refusals", "bus_drops", "rate_refusals", "bus_connections_refused",
        "udp_send_failures",
        "udp_socket_errors", "udp_receive_drops", "connections_refused",
    ]).union(["bus_malformed_from_mesh"])

    private mutating func addTraffic() {
        add("telexes_received", "Datagrams that came from the mesh.")
        add("telexes_sent", "Datagrams sent to the mesh.")
        add("bytes_received", as: "received_bytes", "Bytes of datagrams that came from the mesh.")
        add("bytes_sent", as: "sent_bytes", "Bytes of datagrams sent to the mesh.")
        add("udp_socket_errors", "Datagrams that the system could not receive.")
        add(
            family: "udp_send_failures", by: "reason",
            [
                "udp_send_unreachable": "unreachable", "udp_send_forbidden": "forbidden", "udp_send_no_room": "no_room",
                "udp_send_unbound": "unbound", "udp_send_failed": "other",
            ], "Datagrams that were not sent, by what was in their way.")
        add("udp_socket_losses", "Times that the UDP socket was lost; it is bound again.")
        add("udp_receive_drops", "Datagrams that the system dropped because they came faster than they were read.")
        add(
            family: "lines_ended", by: "reason",
            ["lines_restarted": "restarted", "lines_purged": "purged", "lines_evicted": "evicted"],
            "Lines to other switches that ended, by reason.")
        add("lines_proven", as: "lines_opened", "Lines whose other side has proven its address.")
        add("switches_passed_over", "Switches that left copies of messages unanswered, until they spoke again.")
        add("lines_locked_out", "Lines whose other side sent so many wrong line numbers that nothing of it counts.")
        add(prefix: "signals_", as: "signals", by: "event", "Signals from the mesh, by what became of them.")
        add(
            family: "hand_overs", by: "event",
            [
                "hand_overs": "begun", "hand_overs_taken": "taken", "hand_overs_repeated": "repeated",
                "hand_overs_lost": "lost",
            ], "Publications given to single switches, by what became of them.")
    }

    private mutating func addRefusals() {
        func named(_ names: [String]) -> [String: String] { Dictionary(names.map { ($0, $0) }) { first, _ in first } }
        add(
            family: "telexes_dropped", by: "reason",
            named(
                [
                    "line_wrong", "line_unexpected", "line_stale", "line_missing", "line_locked_out", "ring_wrong",
                    "ring_changed", "from_self", "from_martian", "echo", "stranger_rate", "line_rate", "window_overrun",
                ] + TelexError.allCases.map(\.rawValue)),
            "Datagrams from the mesh that were dropped whole, by reason.")
        add(
            family: "mesh_refusals", by: "reason",
            named([
                "commands_locked_out", "commands_unproven", "tap_rules_ignored", "tap_rules_crowded", "request_rate",
                "stranger_signal_rate", "stranger_factor", "end_malformed", "table_full", "dial_queue_full",
                "dial_forbidden", "dial_rate", "dial_host_rate", "lookup_queue_full", "adoption_rate", "hops_used_up",
                "relay_too_long", "queue_full", "window_closed", "pop_refused", "publications_overflow", "taps_refused",
                "redirects_unasked", "redirect_rate", "tree_dial_rate", "copy_of2011_rate", "forged_again",
                "bringer_throttled",
            ]),
            "What the switch was asked to do, or wanted to do, and did not, by reason.")
    }

    private mutating func addDealings() {
        add("questions_answered", "Questions of other switches (who is near a place?) that were answered.")
        add("questions_asked", "Questions to other switches over proven lines, keepalives among them.")
        add("dials", "Telexes to addresses without a proven line, to open one.")
        add(
            family: "table_checks", by: "event", ["entries_checked": "asked", "entries_lost": "gone"],
            "Switches of the table that were silent for long: those that were asked, and those that did not answer.")
        add("lookups", "Lookups that were begun: searches for the switches nearest to a place.")
        add(
            family: "greetings", by: "event", ["pops_asked": "asked", "pops_greeted": "greeted"],
            "Help through NATs: greetings that others were asked for, and those that this node sent when asked.")
        add(
            family: "tree", by: "event",
            [
                "taps_sent_on": "sent_on", "taps_displaced": "displaced", "levels_told": "level_told",
                "redirects_followed": "followed", "parents_silent": "parent_silent",
            ], "The trees in which channels with many listeners are passed on: what was done about places in them.")
        add("copies_sent", "Telexes with signals that were sent, to whomever.")
        add("relayed_again", "Signals that were passed on once more, because they came down another branch of a tree.")
        add(
            family: "implausible_lookups", by: "verdict", ["lookups_dense": "dense", "lookups_sparse": "sparse"],
            "Lookups whose nearest switches stand closer together, or further apart, than the mesh can be.")
        add(
            "hosts_judged",
            "Times that others were tapped beside switches that don't bring what others do, or no longer were.")
        add("tappers_rung", "Receivers of 2011 that sent their tap without a line and were rung up.")
        add(
            "bringers_suspected",
            "Times that somebody had brought so many forgeries that what it brings is passed on only when stored.")
        add("publications", "Messages that this node published or adopted, to be given to the switches of their place.")
        add("probes", "Questions that only find out whether signals have arrived.")
        add("windows_recovered", "Windows of lines that were closed and stuck, and were opened again.")
        add("lookup_seconds", "Time that a lookup took.")
        add("lookup_hops", "Referrals that led a lookup to the nearest switch that answered.")
        add("lookup_queries", "Switches that a lookup asked.")
    }

    private mutating func addBus() {
        add("bus_published", as: "published_messages", "Messages from clients on the bus.")
        add(
            family: "mesh_messages", by: "event",
            [
                "bus_from_mesh": "received", "bus_duplicates_from_mesh": "repeated",
                "bus_malformed_from_mesh": "malformed", "bus_without_store": "without_store",
            ], "Messages from the mesh; all of them are received, some are also of another kind.")
        add("bus_delivered", as: "deliveries", "Messages given to receivers, repeated ones included.")
        add("bus_redelivered", as: "redeliveries", "Messages that had to be given to a receiver once more.")
        add(
            family: "settled_messages", by: "outcome",
            [
                "bus_stored": "stored", "bus_duplicates": "duplicate", "bus_refused": "refused",
                "bus_failed": "failed",
            ], "Deliveries that receivers have answered, by outcome.")
        add(
            family: "rate_refusals", by: "reason",
            [
                "bus_refused_rate": "author", "bus_refused_source_rate": "peer",
                "bus_refused_stranger_rate": "stranger", "bus_refused_strangers_rate": "strangers",
            ],
            "Messages of the mesh that receivers refused because they were more than is taken of an author, through a peer, "
                + "of an author who is new here, of all who are.")
        add("bus_dead_letters", as: "dead_letters", "Messages that no delivery could place.")
        add(
            family: "bus_connections_refused", by: "reason",
            [
                "bus_handshakes_failed": "handshake", "bus_keys_refused": "key", "bus_accepts_failed": "descriptors",
            ], "Connections to the bus that were not let in, by reason.")
        add("connections_refused", "Connections that were closed at once because descriptors ran short.")
        add("bus_listening_pauses", "Times that the bus took no connections because descriptors ran out.")
        add("bus_rebound", "Times that the bus was bound anew because its file had been deleted.")
        add("receipt_seconds", "Time from a client's message to its receipt or refusal.")
        add("bus_timed_out", as: "receipts_timed_out", "Clients that were told in time that not enough has happened.")
        add(
            family: "bus_drops", by: "reason",
            [
                "bus_late_acks": "late_ack", "bus_queue_full": "queue_full", "bus_busy": "busy",
                "bus_congested": "congested", "bus_malformed_frames": "malformed",
                "bus_unexpected_messages": "unexpected", "bus_not_allowed": "not_allowed",
                "bus_dropped_with_store": "store_gone",
            ], "What the bus side did not take or could not send, by reason.")
    }
}
