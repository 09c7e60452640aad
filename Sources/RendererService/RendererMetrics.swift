import ServiceRuntime

/// How long requests take, by route and class of status. What a stream sends after its head does not count.
struct RequestTimes: Sendable {
    private static let classes = 1...5

    /// One for each route and class; those that are never used do not appear.
    private let histograms: [Histogram]

    init(_ counters: Counters) {
        histograms = Route.Kind.allCases.flatMap { kind in
            Self.classes.map { number in
                counters.histogram(
                    "http_request_seconds",
                    labels: [MetricLabel("route", kind.rawValue), MetricLabel("status", "\(number)xx")],
                    bounds: Limits.requestBounds)
            }
        }
    }

    func observe(_ route: Route?, status: Int, _ duration: Duration) {
        let kind = route?.kind ?? .none
        let number = min(max(status / 100, Self.classes.lowerBound), Self.classes.upperBound)
        histograms[kind.index * Self.classes.count + number - Self.classes.lowerBound].observe(duration)
    }
}

extension Route {
    /// A route without its parameters: their values are endless.
    enum Kind: String, CaseIterable {
        case root, wall, channel, message, author, feed, about, search, send, events, api, live, ready, asset
        /// Nothing is there.
        case none

        var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    var kind: Kind {
        switch self {
        case .root: .root
        case .wall: .wall
        case .message: .message
        case .author: .author
        case .channel: .channel
        case .feed: .feed
        case .about: .about
        case .search: .search
        case .send: .send
        case .events: .events
        case .apiMessages, .apiDescription: .api
        case .live: .live
        case .ready: .ready
        case .asset: .asset
        }
    }
}

extension MetricCatalogue {
    /// The names under which a renderer counts.
    static let renderer: MetricCatalogue = {
        var catalogue = MetricCatalogue()
        catalogue.add("http_request_seconds", "Time from a request to the head of its answer, by route and status.")
        catalogue.add("streams", "Open streams of live events.")
        catalogue.add("streams_dropped_slow", "Streams ended because their reader was too slow.")
        catalogue.add("streams_refused_full", "Streams refused because there were too many.")
        catalogue.add("feed_messages", "Messages that the feed brought.")
        catalogue.add("feed_resets", "Holes in the feed; each ends all streams, which then catch up from a store.")
        catalogue.add("messages_sent", "Messages written on the page and confirmed.")
        catalogue.add("messages_posted", "Signed messages that programs posted and that were confirmed.")
        catalogue.add(
            family: "posts_failed", by: "reason",
            [
                "posts_refused": "not_a_message", "sends_refused_cross_site": "cross_site",
                "sends_refused_rate": "rate", "sends_refused_policy": "posting_off", "sends_failed": "not_sent",
            ], "Messages written on the page or posted that were not taken, by reason.")
        return catalogue
    }()
}
