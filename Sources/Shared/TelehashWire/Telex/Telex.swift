/// One datagram of Telehash, decoded: a header that concerns two switches, commands, and signals to pass on.
public struct Telex: Hashable, Sendable {
    /// The receiver's address as the sender sees it; `nil` where it is absent or no literal endpoint.
    public var to: Endpoint?
    /// The sender's random number for this pair, 1…32768.
    public var ring: Int?
    /// The product of both rings, 1…2³⁰.
    public var line: Int?
    /// Bytes that the sender accepted from us on this line, 0…2⁵³.
    ///
    /// A negative count is read as 0, not as absent: switches of 2011 send one to close a line, and "nothing
    /// accepted" is the nearest that a window can say, while "absent" would open it without bound.
    public var br: Int?
    /// How many relays the signals came through, 0…4. Anything that is no such integer counts as 4; absent is 0.
    public var hop: Int
    /// Addresses that the sender names; `nil` without `.see`. At most 8 distinct ones.
    public var see: [Endpoint]?
    /// The sender's tap, which replaces its earlier one; `nil` without `.tap`. At most 16 rules.
    public var tap: [TapRule]?
    /// How many rules of the `.tap` were ignored, because of their type, their size or their number.
    public var ignoredTapRules: Int
    public var signals: Signals
    /// Other keys in the order of their bytes, for taps that name them.
    public var fields: [Field]

    /// A key that means nothing to a switch.
    public struct Field: Hashable, Sendable {
        public let key: String
        /// The scalar as text; `nil` for an array or object, which is present but equals nothing.
        public let text: String?

        public init(key: String, text: String?) {
            self.key = key
            self.text = text
        }
    }

    public init(
        to: Endpoint? = nil, ring: Int? = nil, line: Int? = nil, br: Int? = nil, hop: Int = 0,
        see: [Endpoint]? = nil, tap: [TapRule]? = nil, signals: Signals = Signals(), fields: [Field] = []
    ) {
        self.to = to
        self.ring = ring
        self.line = line
        self.br = br
        self.hop = hop
        self.see = see
        self.tap = tap
        self.ignoredTapRules = 0
        self.signals = signals
        self.fields = fields
    }
}
