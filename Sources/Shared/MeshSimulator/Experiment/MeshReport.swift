/// What a ``MeshExperiment`` measured. Ratios are 0…1; `nil` where nothing was there to be measured.
public struct MeshReport: Sendable {
    /// Switches at any time.
    public var nodes = 0
    public var seed: UInt64 = 0
    /// Two runs of the same parameters have the same.
    public var traceHash: UInt64 = 0

    /// Lookups for random places from random switches in the measured time.
    public var lookups = 0
    /// Lookups whose first answer is the nearest switch: nothing nearer was there all the time. See ``MeshExperiment``.
    public var lookupSuccess: Double?
    /// Referrals up to the nearest switch, of successful lookups.
    public var meanHops: Double?
    public var maxHops = 0
    /// Switches asked by one lookup.
    public var queriesMean: Double?
    /// The part of the k nearest switches that a lookup found.
    public var foundClosest: Double?

    /// Seconds into the measured time, in steps of ten, after which 999 of 1,000 lookups succeed in every step.
    public var recoverySeconds: Double?

    /// Messages published in the measured time.
    public var published = 0
    /// The part of the deliveries that had to be made, over all messages and subscribers.
    public var deliveredRatio: Double?
    /// Copies of a message that reach a subscriber beyond the first.
    public var duplicatesMean: Double?
    /// Milliseconds from publishing to delivery: the median, and what one delivery in a hundred exceeds.
    public var latencyMedian: Double?
    public var latencyTail: Double?
    /// The most copies of one message that one switch sent.
    public var maxCopiesSent = 0

    /// Telexes sent in the measured time, for each switch and minute.
    public var telexesPerNodeMinute = 0.0
    /// The same while nobody looks up or publishes anything.
    public var maintenancePerNodeMinute = 0.0
    /// UDP payload bytes sent in the measured time, for each switch and second.
    public var bytesPerNodeSecond = 0.0
    /// The most bytes that one switch sent to an unproven address for each byte in its name.
    public var maxAmplification = 0.0

    /// Simulated time, the mesh's growth and settling included.
    public var simulatedSeconds = 0.0
    public var wallSeconds = 0.0
    /// Events that the simulator processed.
    public var events = 0
    /// What went wrong although it never may; the first hundred.
    public var violations: [String] = []

    public init() {}
}
