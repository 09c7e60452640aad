import ServiceRuntime

extension Counters {
    /// Counts how long a request took, by route and class of status. What a stream sends after its head does not count.
    ///
    /// - Parameter route: nil: nothing is there.
    func observe(_ route: Route?, status: Int, _ duration: Duration) {
        let labels = [
            MetricLabel("route", route?.name ?? "none"), MetricLabel("status", "\(min(max(status / 100, 1), 5))xx"),
        ]
        histogram("http_request_seconds", labels: labels, bounds: Limits.requestBounds).observe(duration)
    }
}

extension MetricCatalogue {
    static let renderer: MetricCatalogue = {
        var catalogue = MetricCatalogue()
        catalogue.add("http_request_seconds", "Time from a request to the head of its answer, by route and status.")
        catalogue.add("streams", "Open streams of live events.")
        catalogue.add("streams_dropped_slow", "Streams ended because their reader was too slow.")
        catalogue.add("streams_refused_full", "Streams refused because there were too many.")
        catalogue.add("streams_displaced", "Streams ended for newer ones: of the site that had most.")
        catalogue.add("streams_refused_share", "Streams refused because the visitor's network address had too many.")
        catalogue.add(
            "connections_displaced", "Connections that gave way to newer ones, those without a request first.")
        catalogue.add("connections_refused", "Connections refused because their network had too many, all in use.")
        catalogue.add("connections_gone", "Connections that were reset before they were taken.")
        catalogue.add("connections_slow", "Connections ended because the head of a request did not come in time.")

        catalogue.add("streams_reset", "Streams told to load the page because they missed too much.")
        catalogue.add("feed_messages", "Messages that the feed brought.")
        catalogue.add("feed_counted", "Messages of which streams were told only how many, because there were too many.")
        catalogue.add("feed_resets", "Holes in the feed; each ends all streams, which then catch up from a store.")
        catalogue.add("messages_sent", "Messages written on the page and confirmed.")
        catalogue.add("messages_posted", "Signed messages that programs posted and that were confirmed.")
        catalogue.add(
            "reads_refused_rate",
            "Pages, feeds and lists refused because the visitor had read too much that is not kept rendered.")
        catalogue.add(
            family: "searches_refused", by: "reason",
            ["searches_refused_rate": "rate", "searches_refused_busy": "busy"],
            "Searches that were refused, by reason: the visitor's own rate, or too many at a time.")
        catalogue.add(
            family: "posts_failed", by: "reason",
            [
                "posts_refused": "not_a_message", "sends_refused_cross_site": "cross_site",
                "sends_refused_name": "foreign_name", "sends_refused_channel": "channel_not_kept",
                "sends_refused_rate": "rate", "sends_refused_policy": "posting_off", "sends_failed": "not_sent",
            ], "Messages written on the page or posted that were not taken, by reason.")
        return catalogue
    }()
}
