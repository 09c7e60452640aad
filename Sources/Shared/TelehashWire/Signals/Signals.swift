/// The set of signals of one telex: unique keys in the order of their bytes, and the JSON that carries them.
///
/// The JSON is made once, when the set is made, and always by our own writer: relaying to N tappers copies it N
/// times behind N small headers, and no byte that a peer sent is ever passed on as it came.
public struct Signals: Hashable, Sendable {
    private let elements: [Signal]

    /// The members of a JSON object without its braces: `"+end":"…","+message":"…"`. Empty when there are none.
    let encoded: [UInt8]

    /// The caller vouches for order, uniqueness and that `encoded` says the same.
    init(sorted elements: [Signal], encoded: [UInt8]) {
        self.elements = elements
        self.encoded = encoded
    }

    /// No signals.
    public init() {
        self.init(sorted: [], encoded: [])
    }

    /// Keys that do not begin with `+` and another character are left out, as every receiver would.
    public init(_ dictionary: [String: String]) {
        let elements =
            dictionary
            .filter { $0.key.utf8.first == ASCII.plus && $0.key.utf8.count > 1 }
            .sorted { $0.key.precedesInBytes($1.key) }
            .map { Signal(key: $0.key, value: $0.value) }
        var writer = JSONWriter(capacity: elements.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 8 })
        for signal in elements {
            writer.member(signal.key, string: signal.value)
        }
        self.init(sorted: elements, encoded: writer.bytes)
    }

    /// The value of a signal, by its whole key (`+end`).
    public subscript(key: String) -> String? {
        elements.first { $0.key == key }?.value
    }

    /// The signals by key.
    public var dictionary: [String: String] {
        Dictionary(elements.lazy.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// How many bytes the signals take in a telex.
    public var encodedByteCount: Int { encoded.count }

    /// A keyed fingerprint of the set, independent of the order and the escapes in which it arrived, by which repeats
    /// are recognised. With a key that peers don't know, they can't make two sets share one.
    public func digest(key: DigestKey) -> UInt64 {
        encoded.withUnsafeBytes { SipHash.hash($0, key: key) }
    }

    public static func == (lhs: Signals, rhs: Signals) -> Bool {
        lhs.encoded == rhs.encoded
    }

    public func hash(into hasher: inout Hasher) {
        encoded.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Signals: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count }

    public subscript(position: Int) -> Signal {
        elements[position]
    }
}
