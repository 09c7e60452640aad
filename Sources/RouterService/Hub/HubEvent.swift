import Bus

/// What the bus side of the router counts since its start; the raw values are the names of `status` and `/metrics`.
enum HubEvent: String, CaseIterable, Sendable {
    case published = "bus_published"
    case fromMesh = "bus_from_mesh"
    case duplicatesFromMesh = "bus_duplicates_from_mesh"
    case malformedFromMesh = "bus_malformed_from_mesh"
    case withoutStore = "bus_without_store"
    case delivered = "bus_delivered"
    case redelivered = "bus_redelivered"
    case stored = "bus_stored"
    case duplicates = "bus_duplicates"
    case refused = "bus_refused"
    /// Of those refused: more than a receiver takes of an author, of a peer, of one who is new there, of all who are.
    case overRate = "bus_refused_rate"
    case overSourceRate = "bus_refused_source_rate"
    case overStrangerRate = "bus_refused_stranger_rate"
    case overStrangersRate = "bus_refused_strangers_rate"
    case failed = "bus_failed"
    case lateAcks = "bus_late_acks"
    case queueFull = "bus_queue_full"
    case droppedWithStore = "bus_dropped_with_store"
    case busy = "bus_busy"
    case congested = "bus_congested"
    case timedOut = "bus_timed_out"
    case malformedFrames = "bus_malformed_frames"
    case unexpectedMessages = "bus_unexpected_messages"
    case notAllowed = "bus_not_allowed"
}

extension HubEvent {
    /// What a refusal is counted as besides; nil: its reason is not counted apart.
    init?(_ refusal: Refusal) {
        switch refusal.code {
        case Refusal.rateLimited.code: self = .overRate
        case Refusal.sourceRateLimited.code: self = .overSourceRate
        case Refusal.strangerRateLimited.code: self = .overStrangerRate
        case Refusal.strangersRateLimited.code: self = .overStrangersRate
        default: return nil
        }
    }
}
