/// Builds one telex as bytes. Header, commands and signals may come in any order, but for `.see`, which is the second
/// member after `_to`: a C program of 2011 reads it only there. Each key at most once.
///
/// ```swift
/// var writer = TelexWriter(capacity: signals.encodedByteCount + TelexWriter.headerCapacity)
/// writer.to(peer)
/// writer.line(product)
/// writer.hop(2)
/// writer.signals(signals)
/// let datagram = writer.finish()
/// ```
public struct TelexWriter {
    /// Bytes that the longest header takes: `_to`, `_line`, `_br`, `_hop` and the braces.
    public static let headerCapacity = 128

    private var json: JSONWriter

    public init(capacity: Int = TelexWriter.headerCapacity) {
        json = JSONWriter(.wire, capacity: capacity)
        json.open(ASCII.openBrace)
    }

    /// How many bytes the telex would have if it were finished now.
    public var byteCount: Int { json.bytes.count + 1 }

    public mutating func to(_ endpoint: Endpoint) {
        json.begin(member: "_to")
        json.write(quoted: endpoint)
    }

    public mutating func ring(_ ring: Int) {
        json.member("_ring", ring)
    }

    public mutating func line(_ line: Int) {
        json.member("_line", line)
    }

    public mutating func br(_ byteCount: Int) {
        json.member("_br", byteCount)
    }

    /// Writes nothing for 0, which is how 2011 spells it.
    public mutating func hop(_ hop: Int) {
        if hop != 0 { json.member("_hop", hop) }
    }

    public mutating func see(_ endpoints: some Sequence<Endpoint>) {
        json.member(".see", array: endpoints) { $0.write(quoted: $1) }
    }

    /// Writes `is` and `has` in every rule, also where they are empty: a Node switch of 2011 dies of a rule without
    /// `has` (part B, section 8).
    public mutating func tap(_ rules: some Sequence<TapRule>) {
        json.member(".tap", array: rules) { json, rule in
            json.object { json in
                json.member("is") { json in
                    for pair in rule.pairs { json.member(pair.key, pair.value) }
                }
                json.member("has", rule.has)
            }
        }
    }

    public mutating func signals(_ signals: Signals) {
        json.members(encoded: signals.encoded)
    }

    /// Plain data, which switches ignore.
    public mutating func field(_ field: Telex.Field) {
        if let text = field.text { json.member(field.key, text) } else { json.member(field.key, [String]()) }
    }

    /// Fills the telex up to `size` bytes with a key that everybody ignores, so that an answer three times as long is
    /// long enough to be useful. Does nothing when fewer bytes are missing than the key itself takes.
    public mutating func pad(to size: Int) {
        let overhead = 9
        let missing = size - byteCount - overhead
        guard missing >= 0 else { return }
        json.member("pad", String(repeating: ".", count: missing))
    }

    /// The telex. The writer is used up.
    public consuming func finish() -> [UInt8] {
        json.close(ASCII.closeBrace)
        return json.bytes
    }
}

extension Telex {
    /// The telex as a datagram; keys in a fixed order, integers as integers, signals as strings.
    public func encoded() -> [UInt8] {
        var writer = TelexWriter(capacity: TelexWriter.headerCapacity + signals.encodedByteCount)
        if let to { writer.to(to) }
        if let see { writer.see(see) }
        if let ring { writer.ring(ring) }
        if let line { writer.line(line) }
        if let br { writer.br(br) }
        writer.hop(hop)
        if let tap { writer.tap(tap) }
        for field in fields { writer.field(field) }
        writer.signals(signals)
        return writer.finish()
    }
}
