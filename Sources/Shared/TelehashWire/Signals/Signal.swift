/// One signal of a telex: application data that switches pass on to whoever taps it.
///
/// Equality is byte for byte. Swift's own equality of texts holds "é" in one scalar and in two for the same, but
/// their signatures differ, and a dedupe that confuses them would let a stranger's copy swallow the real one.
public struct Signal: Hashable, Sendable {
    /// Begins with `+` and has at least one more character.
    public let key: String
    public let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    /// Whether a key of a telex is a signal's.
    static func isKey(_ key: String) -> Bool {
        key.utf8.first == ASCII.plus && key.utf8.count > 1
    }

    public static func == (lhs: Signal, rhs: Signal) -> Bool {
        lhs.key.utf8.elementsEqual(rhs.key.utf8) && lhs.value.utf8.elementsEqual(rhs.value.utf8)
    }
}

extension String {
    /// The order of the UTF-8 bytes, which is what signing and the canonical set go by.
    package func precedesInBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
