/// Why a private key could not be read, written or used. The sentence says what to do about it.
package struct KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
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

    package let code: Code
    /// A sentence for people, without a full stop.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
