/// What the names of drop counters mean, in words that fit behind a number: "12  wrong _line".
enum DropWords {
    static func words(_ name: String) -> String {
        // A router that is newer than this program counts what this list can't know.
        table[name] ?? String(name.map { $0 == "_" ? " " : $0 })
    }

    /// The counters that count drops, for reports of routers that don't say which do.
    static var known: Set<String> { Set(table.keys) }

    private static let table = lines.merging(telexes) { $1 }.merging(refusals) { $1 }.merging(bus) { $1 }

    private static let lines = [
        "line_wrong": "wrong _line",
        "line_unexpected": "_line before any ring of ours",
        "line_stale": "_line of before a restart",
        "line_missing": "no _line on a proven line",
        "line_locked_out": "from a peer that guessed at _line too often",
        "stranger_rate": "more from strangers than is read",
        "line_rate": "more from one peer than a line may carry",
        "ring_wrong": "wrong _ring",
        "ring_changed": "another _ring on a proven line",
        "from_self": "from our own address",
        "from_martian": "from addresses that nobody can have",
        "echo": "our own telexes, sent back",
        "window_overrun": "sent although the window was full",
    ]

    private static let telexes = [
        "telex_empty": "datagrams without bytes",
        "telex_too_long": "datagrams too long for a telex",
        "telex_not_utf8": "telexes that are not UTF-8",
        "telex_malformed": "telexes that are not JSON",
        "telex_truncated": "telexes whose end is missing",
        "telex_trailing_bytes": "bytes behind a telex",
        "telex_not_an_object": "JSON that is no object",
        "telex_nested_too_deep": "JSON nested too deep",
        "telex_lone_surrogate": "half of a surrogate pair in JSON",
        "telex_duplicate_key": "one key twice in a telex",
        "telex_too_many_keys": "too many keys in a telex",
        "telex_bad_ring": "impossible _ring",
        "telex_bad_line": "impossible _line",
        "telex_bad_byte_count": "impossible _br",
    ]

    private static let refusals = [
        "commands_locked_out": "commands of a peer that guessed at _line too often",
        "commands_unproven": "commands of a peer that has not proven its address",
        "tap_rules_ignored": "tap rules beyond what a peer may have",
        "tap_rules_crowded": "tap rules for which there is no room beside those of others",
        "request_rate": "questions of strangers beyond their rate",
        "stranger_signal_rate": "signals of strangers beyond their rate",
        "stranger_factor": "answers too long for a stranger",
        "end_malformed": "questions whose end is no hash",
        "table_full": "no room for a new line",
        "dial_queue_full": "addresses that could not wait to be dialled",
        "dial_forbidden": "addresses that may not be dialled",
        "dial_rate": "dials put off: over the rate",
        "dial_host_rate": "dials not made: too many to one host",
        "lookup_queue_full": "lookups that could not wait",
        "adoption_rate": "signals not adopted: over the rate",
        "hops_used_up": "signals at their last hop",
        "relay_too_long": "signals too long to be passed on",
        "queue_full": "signals for a peer whose queue is full",
        "window_closed": "signals for a peer whose window is closed",
        "pop_refused": "greetings not sent",
        "taps_refused": "taps of switches of 2011 beyond the places for them",
        "redirects_unasked": "tappers sent on by a switch that does not serve us",
        "redirect_rate": "tappers not sent on: over the rate",
        "tree_dial_rate": "dials to parents put off: over the rate",
        "copy_of2011_rate": "copies not sent to switches of 2011: over the rate",
        "forged_again": "messages that were found forged before",
        "bringer_throttled": "messages of suspects, of whom too many wait to be checked",
        "publications_overflow": "messages sent without following them",
        "udp_socket_errors": "datagrams that the system could not receive",
        "udp_send_unreachable": "datagrams not sent: no way there (no route, no link)",
        "udp_send_forbidden": "datagrams not sent: this machine's firewall refuses",
        "udp_send_no_room": "datagrams not sent: the system had no room",
        "udp_send_unbound": "datagrams not sent: the socket was lost",
        "udp_send_failed": "datagrams not sent for other reasons",
        "udp_receive_drops": "datagrams that came faster than they were read",
    ]

    private static let bus = [
        "bus_refused_rate": "messages of one author beyond what is taken of one",
        "bus_refused_source_rate": "messages from one peer beyond what is checked",
        "bus_refused_stranger_rate": "messages of one new author beyond what is taken of one",
        "bus_refused_strangers_rate": "messages of new authors beyond what is taken of all",
        "bus_late_acks": "answers of receivers that came too late",
        "bus_queue_full": "messages for a store whose queue is full",
        "bus_busy": "messages of clients: too many under way",
        "bus_congested": "messages for somebody on the bus who does not read",
        "bus_malformed_frames": "malformed messages on the bus",
        "bus_malformed_from_mesh": "signals that are no message",
        "bus_unexpected_messages": "unexpected messages on the bus",
        "bus_not_allowed": "messages that a key's role does not allow",
        "bus_dropped_with_store": "messages for a store that stayed away",
        "bus_handshakes_failed": "connections whose handshake broke off",
        "bus_keys_refused": "connections with a key that is not in the list",
        "bus_accepts_failed": "connections refused by the system",
        "connections_refused": "connections closed: too few descriptors",
    ]
}
