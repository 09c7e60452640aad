/// Why a private key could not be read, written or used. The sentence says what to do about it.
package typealias KeyError = CodedError<KeyErrorCode>

package enum KeyErrorCode: String, Hashable, Sendable, CaseIterable {
    case nameMalformed = "key_name_malformed"
    /// There is no key of this name; the sentence lists those that exist.
    case unknown = "key_unknown"
    /// There is one already; nothing is ever overwritten.
    case exists = "key_exists"
    /// Others can read it; the sentence has the command that ends that.
    case exposed = "key_exposed"
    /// Not a plain file of ours, or the system refused.
    case unusable = "key_unusable"
    /// The text is no private key.
    case malformed = "private_key_malformed"
}
