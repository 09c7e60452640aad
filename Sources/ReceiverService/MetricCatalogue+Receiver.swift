import ServiceRuntime

extension MetricCatalogue {
    /// The names under which a receiver counts.
    static let receiver: MetricCatalogue = {
        var catalogue = MetricCatalogue()
        catalogue.addMessages()
        catalogue.addQueries()
        return catalogue
    }()

    private mutating func addMessages() {
        add("deliveries", "Messages that the router delivered, repeated ones included.")
        add("messages_stored", "New messages that were committed.")
        add("messages_duplicate", "Deliveries of messages that the store had already.")
        add(prefix: "messages_refused_", as: "messages_refused", by: "reason", "Messages refused for good, by reason.")
        add(
            prefix: "messages_failed_", as: "messages_failed", by: "reason",
            "Deliveries given back to be tried again, by reason.")
        add("messages_replicated", "Messages fetched from the node's other stores.")
        add("messages_replicated_too_early", "Messages of other stores whose author's time cannot be yet.")
        add(
            "messages_replicated_without_room",
            "Messages of other stores that wait because the disk has no room for strangers.")
        add("replication_failures", "Looks at another store that failed.")
        add("messages_early", "Messages that are kept aside until their time has come.")
        add("messages_early_taken", "Messages whose time had come and that were stored.")
        add("early_failures", "Looks at messages that are kept aside that failed.")
        add("messages_expired", "Messages dropped because they were older, or more, than what is kept.")
        add("retention_failures", "Attempts to drop old messages that failed.")
        add("rules_failures", "Attempts to finish what rules demand that failed.")
        add("commits", "Transactions that were committed.")
        add("commits_failed", "Transactions that failed.")
        add("commit_seconds", "Time of a transaction, its sync included.")
        add("commit_messages", "Messages in one transaction.")
        add("deliveries_while_stopping", "Deliveries that came during the end and were left to other receivers.")
        add("deliveries_under_way", "Deliveries that are not acknowledged yet.")
        add("messages_waiting_for_writer", "Verified messages that wait for a transaction.")
        add("store_position", "The newest position in the store, which every message moves by one.")
        add(
            family: "acks_lost", by: "reason", ["acks_outdated": "outdated", "acks_dropped": "dropped"],
            "Acknowledgements that could not be sent, by reason; their messages are delivered again.")
    }

    private mutating func addQueries() {
        add("queries_answered", "Queries that were answered.")
        add("queries_failed", "Queries that the store could not answer.")
        add("queries_refused_busy", "Queries refused because too many wait, or because the client does not read.")
        add(
            "queries_outdated", "Queries that were not begun, or broken off, as nobody waits for their answer any more."
        )
        add("searches_answered", "Searches that were answered, those that take too long included.")
        add("searches_refused_busy", "Searches refused because too many wait, or because the client does not read.")
        add("searches_outdated", "Searches that were not begun, or broken off, as nobody waits for them any more.")
        add("searches_too_broad", "Searches broken off because they took too long.")
        add("controls_answered", "Controls of operators that were carried out or refused by the store.")
        add("controls_refused_busy", "Controls refused because too many wait.")
        add("copies_answered", "Steps of backups that were carried out or refused by the store.")
        add("copies_refused_busy", "Steps of backups refused because too many wait.")
        add("backups_broken_off", "Backups whose client asked for nothing more, or took too long.")
        add("answers_dropped", "Answers whose client was gone or did not read.")
        add("router_reconnects", "New connections to the router after the first.")
        add("router_problems", "Problems that the router reported.")
        add("client_problems", "Problems that clients reported.")
        add(
            family: "frames_dropped", by: "reason",
            [
                "frames_unreadable": "unreadable", "frames_unexpected": "unexpected",
                "frames_not_allowed": "not_allowed",
            ],
            "Messages on the bus that could not be understood, by reason.")
    }
}
