/// The sizes that the codec holds a datagram to. Each is a bound on work or memory that a stranger can ask for.
public enum WireLimits {
    /// Bytes of the largest datagram that is read. The Perl switches of 2011 read as much; rule 14.
    public static let acceptedBytes = 8192

    /// Bytes of the largest telex that starts here. The specification's figure; rule 14.
    public static let originatedBytes = 1400

    /// Bytes of the largest telex that is passed on: a 1500-byte Ethernet frame less the IPv4 and UDP headers; rule 14.
    public static let relayedBytes = 1472

    /// How deep arrays and objects may nest, the telex itself included. Real telexes need 4; rule 13.
    public static let nesting = 32

    /// Keys at the top level. Real telexes have below 20; the bound keeps sorting and matching cheap.
    public static let keys = 128

    /// Rings are random numbers in 1…32768 (proto.html).
    public static let largestRing = 32_768

    /// A line is the product of two rings.
    public static let largestLine = 1 << 30

    /// `_br` above this is read as this: the largest integer that every JSON reader holds exactly.
    public static let largestByteCount = 1 << 53

    /// Signals travel at most this many relays far; what a telex says beyond is read as this; rule 6.
    public static let largestHop = 4

    /// Addresses of a `.see` that are looked at; part B, section 6.
    public static let seenEndpoints = 8

    /// Rules of a `.tap` that are looked at; rule 8.
    public static let tapRules = 16

    /// Keys in a tap rule, `is` and `has` together; a rule with more is ignored; rule 8.
    public static let tapRuleKeys = 8

    /// Bytes of a key or value in a tap rule; a rule with a longer one is ignored (threat T16).
    public static let tapTextBytes = 256
}
