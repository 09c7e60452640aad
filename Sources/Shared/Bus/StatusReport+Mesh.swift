extension StatusReport {
    /// What the mesh does now, and how lookups went.
    package struct Mesh: Sendable, Hashable, Codable {
        /// Nodes that take part in the DHT and are known to be there, with a line or without.
        package var switches: Int
        /// Signals that wait for the window of their line.
        package var queued: Int
        /// Lookups that are over.
        package var lookups: UInt64
        /// Of those, the ones for which some switch answered.
        package var answered: UInt64
        /// Means over all lookups; absent before the first.
        package var meanMilliseconds: Double?
        package var meanHops: Double?
        package var meanQuestions: Double?

        enum CodingKeys: String, CodingKey {
            case switches, queued, lookups, answered
            case meanMilliseconds = "mean_ms"
            case meanHops = "mean_hops"
            case meanQuestions = "mean_questions"
        }

        package init(
            switches: Int, queued: Int, lookups: UInt64, answered: UInt64, meanMilliseconds: Double?,
            meanHops: Double?, meanQuestions: Double?
        ) {
            self.switches = switches
            self.queued = queued
            self.lookups = lookups
            self.answered = answered
            self.meanMilliseconds = meanMilliseconds
            self.meanHops = meanHops
            self.meanQuestions = meanQuestions
        }
    }

    /// The router's UDP socket.
    package struct UDP: Sendable, Hashable, Codable {
        /// False while it is lost: the router binds it again as soon as that can be.
        package var isBound: Bool
        /// For how long it has been lost; absent while it is bound.
        package var unboundSeconds: Int?
        /// Why it can't be bound; absent while it is.
        package var why: String?
        /// Since when no datagram has come; absent before the first.
        package var silentSeconds: Int?

        enum CodingKeys: String, CodingKey {
            case why
            case isBound = "bound"
            case unboundSeconds = "unbound_s"
            case silentSeconds = "silent_s"
        }

        package init(isBound: Bool, unboundSeconds: Int? = nil, why: String? = nil, silentSeconds: Int? = nil) {
            self.isBound = isBound
            self.unboundSeconds = unboundSeconds
            self.why = why
            self.silentSeconds = silentSeconds
        }
    }

    /// The router's UDP traffic, as a mean over the last seconds.
    package struct Rates: Sendable, Hashable, Codable {
        /// Over how many seconds.
        package var seconds: Double
        package var telexesIn: Double
        package var telexesOut: Double
        package var bytesIn: Double
        package var bytesOut: Double

        enum CodingKeys: String, CodingKey {
            case seconds
            case telexesIn = "telexes_in"
            case telexesOut = "telexes_out"
            case bytesIn = "bytes_in"
            case bytesOut = "bytes_out"
        }

        package init(seconds: Double, telexesIn: Double, telexesOut: Double, bytesIn: Double, bytesOut: Double) {
            self.seconds = seconds
            self.telexesIn = telexesIn
            self.telexesOut = telexesOut
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
        }
    }

    /// A rate that something is held to.
    package struct Budget: Sendable, Hashable, Codable {
        package var name: String
        /// What could be spent at once now.
        package var left: Int
        package var limit: Int
        /// How fast it fills.
        package var perSecond: Double

        enum CodingKeys: String, CodingKey {
            case name, left, limit
            case perSecond = "per_second"
        }

        package init(name: String, left: Int, limit: Int, perSecond: Double) {
            self.name = name
            self.left = left
            self.limit = limit
            self.perSecond = perSecond
        }
    }

    /// Something that is kept.
    package struct Table: Sendable, Hashable, Codable {
        package var name: String
        package var count: Int
        package var limit: Int

        package init(name: String, count: Int, limit: Int) {
            self.name = name
            self.count = count
            self.limit = limit
        }
    }
}
