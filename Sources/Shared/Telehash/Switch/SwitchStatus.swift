import TelehashWire

/// A picture of a ``Switch`` at one moment, for people and metrics.
public struct SwitchStatus: Sendable {
    /// A rate that something is held to.
    public struct Budget: Sendable {
        /// `dials`, `stranger_telexes` (that are read at all), `requests` (questions of strangers), `stranger_signals`,
        /// `adoptions`, `redirects` (tappers sent on), `tree_dials` (to parents), `copies_to_2011` (beyond those for whom
        /// there is a place).
        public let name: String
        /// What could be spent at once now, 0…``limit``.
        public let tokens: Double
        public let limit: Double
        /// How fast it fills.
        public let perSecond: Double
    }

    /// Something that is kept, and how much of it there may be.
    public struct Table: Sendable {
        /// `proven_lines`, `ringing_lines`, `dials_waiting`…
        public let name: String
        public let count: Int
        public let limit: Int
    }

    /// Our own address, once it is known.
    public let address: Endpoint?
    /// The SHA-1 of ``address``.
    public let id: NodeID?
    /// Lines whose peer is proven to sit at its address.
    public let proven: Int
    /// Lines that are not proven yet.
    public let ringing: Int
    /// Proven lines whose peer has to report before it gets more signals.
    public let windowsClosed: Int
    /// Signals that wait for the window of their line.
    public let signalsQueued: Int
    /// Proven lines whose peer takes part in the DHT.
    public let switches: Int
    /// Whether nobody answers any more although we asked: lines and buckets are what is left of a better time.
    public let isDeaf: Bool
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
    /// What came of those that are over.
    public let lookups: LookupTotals
    public let budgets: [Budget]
    public let tables: [Table]
    /// Everything that is counted, under names like `line_wrong`; every drop has its own.
    public let counters: [String: UInt64]
}
