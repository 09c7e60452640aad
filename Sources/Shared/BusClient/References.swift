import Bus
import Messages

/// A message's id as people give it: whole, or its first digits.
package enum MessageReference: Hashable, Sendable {
    case whole(MessageID)
    /// Lower-case hex digits.
    case prefix(String)

    /// Nil for what is neither.
    package init?(_ text: String) {
        let text = text.lowercased()
        if let id = MessageID(hex: text) {
            self = .whole(id)
        } else if text.utf8.count >= BusLimits.prefixDigits, text.utf8.count < 64, text.utf8.allSatisfy(\.isHexDigit) {
            self = .prefix(text)
        } else {
            return nil
        }
    }
}

/// An author as people give one: a key, its first digits, or what the author is called.
package struct KeyReference: Hashable, Sendable {
    package let text: String

    /// Nil for nothing.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        self.text = text
    }

    /// The key, where the text is a whole one.
    package var key: PublicKey? { try? PublicKey(text) }

    /// What the texts of keys that may be meant begin and end with. Lists show a key as `ed25519:pQz4Kd…wxyz`. What they
    /// show of a number of 2011 is not of its own digits, so that it finds nobody.
    package var parts: [(prefix: String, suffix: String)] {
        let ends = text.split(separator: "…", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (head, suffix) = (ends[0], ends.count > 1 ? ends[1] : "")
        guard suffix.utf8.allSatisfy(\.isKeyDigit) else { return [] }
        func isLongEnough(_ digits: Substring) -> Bool {
            digits.utf8.count >= BusLimits.prefixDigits && digits.utf8.allSatisfy(\.isKeyDigit)
        }
        if head.hasPrefix("ed25519:") {
            return isLongEnough(head.dropFirst("ed25519:".count)) ? [(head, suffix)] : []
        }
        guard isLongEnough(head[...]) else { return [] }
        let modern = (prefix: "ed25519:" + head, suffix: suffix)
        return head.utf8.allSatisfy(\.isHexDigit)
            ? [(prefix: head.lowercased(), suffix: suffix.lowercased()), modern] : [modern]
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { Character(Unicode.Scalar(self)).isHexDigit && self < 0x80 }

    /// Of base64url, which hex digits are too.
    fileprivate var isKeyDigit: Bool {
        let character = Character(Unicode.Scalar(self))
        return self < 0x80 && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }
}
