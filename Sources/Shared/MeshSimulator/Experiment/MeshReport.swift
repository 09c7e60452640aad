/// What a ``MeshExperiment`` measured. Ratios are 0…1; `nil` where nothing was there to be measured.
package struct MeshReport: Sendable {
    /// Switches at any time.
    package var nodes = 0
    package var seed: UInt64 = 0
    /// Two runs of the same parameters have the same.
    package var traceHash: UInt64 = 0

    /// Lookups for random places from random switches in the measured time.
    package var lookups = 0
    /// Lookups whose first answer is the nearest switch: nothing nearer was there all the time. See ``MeshExperiment``.
    package var lookupSuccess: Double?
    /// Referrals up to the nearest switch, of successful lookups.
    package var meanHops: Double?
    package var maxHops = 0
    /// Switches asked by one lookup.
    package var queriesMean: Double?
    /// The part of the k nearest switches that a lookup found.
    package var foundClosest: Double?

    /// Seconds into the measured time, in steps of ten, after which 999 of 1,000 lookups succeed in every step.
    package var recoverySeconds: Double?

    /// Messages published in the measured time.
    package var published = 0
    /// The part of the deliveries that had to be made, over all messages and subscribers.
    package var deliveredRatio: Double?
    /// Copies of a message that reach a subscriber beyond the first.
    package var duplicatesMean: Double?
    /// Milliseconds from publishing to delivery: the median, and what one delivery in a hundred exceeds.
    package var latencyMedian: Double?
    package var latencyTail: Double?
    /// The most copies of one message that one switch sent.
    package var maxCopiesSent = 0

    /// Telexes sent in the measured time, for each switch and minute.
    package var telexesPerNodeMinute = 0.0
    /// The same while nobody looks up or publishes anything.
    package var maintenancePerNodeMinute = 0.0
    /// UDP payload bytes sent in the measured time, for each switch and second.
    package var bytesPerNodeSecond = 0.0
    /// The most bytes that one switch sent to an unproven address for each byte in its name.
    package var maxAmplification = 0.0

    /// Simulated time, the mesh's growth and settling included.
    package var simulatedSeconds = 0.0
    package var wallSeconds = 0.0
    /// Events that the simulator processed.
    package var events = 0
    /// What went wrong although it never may; the first hundred.
    package var violations: [String] = []

    package init() {}
}
