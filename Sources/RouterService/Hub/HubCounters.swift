import ServiceRuntime

/// What the bus side of the router has done since its start; names are those of `status` and `/metrics`.
struct HubCounters {
    var published: UInt64 = 0
    var fromMesh: UInt64 = 0
    var duplicatesFromMesh: UInt64 = 0
    var malformedFromMesh: UInt64 = 0
    var withoutStore: UInt64 = 0
    var delivered: UInt64 = 0
    var redelivered: UInt64 = 0
    var stored: UInt64 = 0
    var duplicates: UInt64 = 0
    var refused: UInt64 = 0
    var failed: UInt64 = 0
    var lateAcks: UInt64 = 0
    var queueFull: UInt64 = 0
    var droppedWithStore: UInt64 = 0
    var busy: UInt64 = 0
    var congested: UInt64 = 0
    var timedOut: UInt64 = 0
    var malformedFrames: UInt64 = 0
    var unexpectedMessages: UInt64 = 0
    var notAllowed: UInt64 = 0
    /// Milliseconds from a client's message to its receipt or refusal.
    var receiptTimes = Histogram.Counts(bounds: RouterLimits.receiptBounds)

    var named: [String: UInt64] {
        [
            "bus_published": published, "bus_from_mesh": fromMesh, "bus_duplicates_from_mesh": duplicatesFromMesh,
            "bus_malformed_from_mesh": malformedFromMesh, "bus_without_store": withoutStore,
            "bus_delivered": delivered, "bus_redelivered": redelivered, "bus_stored": stored,
            "bus_duplicates": duplicates, "bus_refused": refused, "bus_failed": failed, "bus_late_acks": lateAcks,
            "bus_queue_full": queueFull, "bus_dropped_with_store": droppedWithStore, "bus_busy": busy,
            "bus_congested": congested, "bus_timed_out": timedOut,
            "bus_malformed_frames": malformedFrames, "bus_unexpected_messages": unexpectedMessages,
            "bus_not_allowed": notAllowed,
        ]
    }
}
