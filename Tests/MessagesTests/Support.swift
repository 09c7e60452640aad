import Messages
import TelehashWire
import Testing

/// The error of a call that must fail with a ``MessageError``.
func messageError(
    _ body: () throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) -> MessageError? {
    #expect(throws: MessageError.self, sourceLocation: sourceLocation) { _ = try body() }
}

/// The error of a call that must fail with a ``KeyError``.
func keyError(
    _ body: () throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) -> KeyError? {
    #expect(throws: KeyError.self, sourceLocation: sourceLocation) { _ = try body() }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// What breaks careless code: quotes, markup, every length of UTF-8, marks that turn the direction, line separators.
enum NastyText {
    static let pieces = [
        "\"", "\\", "/", "\n", "\t", "<script>", "&amp;", "'", "é", "e\u{301}", "ß", "€", "日本", "😀", "👩‍👩‍👧", "\u{202e}",
        "\u{2066}",
        "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffd}", "\u{10ffff}", "\u{a0}", "a", "Z", " ", "0", "{}", "[",
        "\\u0000",
    ]

    static func make(using random: inout some RandomNumberGenerator) -> String {
        let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
        return TextRules.isBlank(text) ? text + "a" : text
    }
}

/// The identity of the first test in RFC 8032, section 7.1.
func knownIdentity() throws -> Identity {
    try Identity.imported("p2pmsg-key 1 ed25519\nnWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\n")
}

/// The key of a vector, because making a 2011 key is slow without optimization. Each number is another key.
func knownLegacyIdentity(_ number: Int = 0) throws -> Identity {
    let keys = try LegacyVectors.load().keys
    return try Identity.imported(#"{"public":"\#(keys[number].modulus)","private":"\#(keys[number].exponent)"}"#)
}

/// Signals of a well-formed message whose values a test may change; the signature no longer holds then.
func sampleSignals(_ changes: [String: String?] = [:]) throws -> Signals {
    var signals = try knownIdentity().sign("hello", channel: .tweets, at: 1_700_000_000_000).signals
    for (name, value) in changes { signals[name] = value }
    return signals
}

extension String {
    /// For comparisons: Swift takes texts for equal that are not the same bytes.
    var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
    var hex: String {
        map { (byte: UInt8) in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
