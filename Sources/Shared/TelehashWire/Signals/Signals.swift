/// The set of signals of one telex: unique keys in the order of their bytes, and the JSON that carries them.
///
/// The JSON is made once, when the set is made, and always by our own writer: relaying to N tappers copies it N
/// times behind N small headers, and no byte that a peer sent is ever passed on as it came.
public struct Signals: Hashable, Sendable {
    private let elements: [Signal]

    /// The members of a JSON object without its braces: `"+end":"…","+message":"…"`. Empty when there are none.
    package let encoded: [UInt8]

    /// The caller vouches for order, uniqueness and that `encoded` says the same.
    init(sorted elements: [Signal], encoded: [UInt8]) {
        self.elements = elements
        self.encoded = encoded
    }

    /// The caller vouches for order and uniqueness.
    package init(sorted elements: [Signal]) {
        var writer = JSONWriter(
            .wire, capacity: elements.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 8 })
        for signal in elements { writer.member(signal.key, signal.value) }
        self.init(sorted: elements, encoded: writer.bytes)
    }

    /// No signals.
    public init() {
        self.init(sorted: [], encoded: [])
    }

    /// Keys that do not begin with `+` and another character are left out, as every receiver would.
    public init(_ dictionary: [String: String]) {
        self.init(
            sorted: dictionary.filter { Signal.isKey($0.key) }.sorted { $0.key.precedesInBytes($1.key) }
                .map { Signal(key: $0.key, value: $0.value) })
    }

    /// The value of a signal, by its whole key (`+end`). Setting it makes the whole set anew; a key that is no signal's is
    /// left out.
    public subscript(key: String) -> String? {
        get { elements.first { $0.key == key }?.value }
        set {
            var changed = elements.filter { !$0.key.utf8.elementsEqual(key.utf8) }
            if let newValue, Signal.isKey(key) {
                let place = changed.firstIndex { key.precedesInBytes($0.key) } ?? changed.endIndex
                changed.insert(Signal(key: key, value: newValue), at: place)
            }
            self = Signals(sorted: changed)
        }
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

extension Signals: ExpressibleByDictionaryLiteral {
    /// Of keys that come twice the last counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(Dictionary(elements) { $1 })
    }
}
