/// A picture of a ``Switch`` at one moment, for people and metrics.
public struct SwitchStatus: Sendable {
    /// Our own address, once it is known.
    public let address: Endpoint?
    /// The SHA-1 of ``address``.
    public let id: NodeID?
    /// Lines whose peer is proven to sit at its address.
    public let proven: Int
    /// Lines that are not proven yet.
    public let ringing: Int
    /// Proven lines whose peer takes part in the DHT.
    public let switches: Int
    /// Inhabited buckets: distance 0 (closest) … 159 (furthest), and how many switches stand in each.
    public let buckets: [(distance: Int, switches: Int)]
    /// The ends that we listen to.
    public let tapsOurs: Int
    /// The peers that hold a tap here.
    public let tapsTheirs: Int
    /// Publications that are not finished.
    public let openPublications: Int
    /// Lookups that run.
    public let runningLookups: Int
    /// Everything that is counted, under names like `line_wrong`; every drop has its own.
    public let counters: [String: UInt64]
}
