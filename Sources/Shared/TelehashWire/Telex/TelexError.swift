/// Why a datagram is not a telex. The whole datagram is dropped and counted under the raw value.
public enum TelexError: String, Error, Hashable, Sendable, CaseIterable {
    /// No bytes at all.
    case empty = "telex_empty"
    /// More than ``WireLimits/acceptedBytes``.
    case tooLong = "telex_too_long"
    /// Not valid UTF-8: stray, missing or overlong bytes, encoded surrogates, code points beyond U+10FFFF.
    case notUTF8 = "telex_not_utf8"
    /// Against the grammar of RFC 8259.
    case malformed = "telex_malformed"
    /// The datagram ends in the middle, as when the Perl switch of 2011 cuts it at its buffer's size.
    case truncated = "telex_truncated"
    /// Valid so far, but something follows the telex.
    case trailingBytes = "telex_trailing_bytes"
    /// The top level is not an object.
    case notAnObject = "telex_not_an_object"
    /// Deeper than ``WireLimits/nesting``.
    case nestedTooDeep = "telex_nested_too_deep"
    /// A `\u` escape names half of a surrogate pair.
    case loneSurrogate = "telex_lone_surrogate"
    /// Two header, command or signal keys are equal after unescaping.
    case duplicateKey = "telex_duplicate_key"
    /// More than ``WireLimits/keys``.
    case tooManyKeys = "telex_too_many_keys"
    /// `_ring` is not an integer, or not in 1…32768.
    case badRing = "telex_bad_ring"
    /// `_line` is not an integer, or not in 1…2³⁰.
    case badLine = "telex_bad_line"
    /// `_br` is not an integer.
    case badByteCount = "telex_bad_byte_count"
}
