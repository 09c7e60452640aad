// The standard library composes for its own comparisons; Foundation would bring 30 MB of ICU with it for this one line.
@_spi(_Unicode) import Swift
import TelehashWire

/// A named place for messages. Two channels are the same when their ends are.
package struct Channel: Hashable, Sendable, CustomStringConvertible {
    static let tweetsName = "tweets"

    /// The wall of 2011, the default everywhere. Its end is the constant of the original programs.
    package static let tweets = Channel(checked: tweetsName)

    /// 1 to 64 bytes of UTF-8 in one spelling: however it is typed, a name that looks the same is the same.
    package let name: String
    package let end: NodeID

    /// - Parameter name: as people write it. White space around it, more than one space between words, and `#` before it
    ///   are not meant; `é` may be one character or two, and the selectors that choose between text and picture make no
    ///   difference. What is left is 1 to 64 bytes of UTF-8 that are all seen, without `/`, so that a name can be part of a
    ///   path.
    /// - Throws: `channel_malformed`.
    package init(_ name: String) throws(MessageError) {
        let canonical = Channel.canonical(name)
        guard !canonical.utf8.isEmpty else {
            throw MessageError(.channelMalformed, "a channel's name cannot be empty")
        }
        let excess = canonical.utf8.count - MessageLimits.channelBytes
        guard excess <= 0 else {
            throw MessageError(
                .channelMalformed,
                "a channel's name has at most \(MessageLimits.channelBytes) bytes; this one has \(excess) too many")
        }
        guard !canonical.utf8.contains(UInt8(ascii: "/")) else {
            throw MessageError(.channelMalformed, "a channel's name cannot have a slash")
        }
        try Channel.checkVisible(canonical)
        self.init(checked: canonical)
    }

    private init(checked name: String) {
        self.name = name
        end = Channel.end(ofName: name)
    }

    /// The end of the channel with this name, as it is written: nothing is trimmed or checked here.
    package static func end(ofName name: String) -> NodeID {
        // A constant in the programs of 2011, not the hash of that name.
        name.utf8.elementsEqual(tweetsName.utf8)
            ? NodeID(high: 0x8bf1_cce9_1641_7d16, middle: 0xb755_4135_b6b0_75fb, low: 0x16dd_26ce)
            : NodeID(sha1Of: name)
    }

    /// Whether a name is written with the `#` that stands before names of channels and is no part of them.
    package static func hasSign(_ name: String) -> Bool { trimmed(Substring(name).unicodeScalars).first == "#" }

    private static func canonical(_ name: String) -> String {
        let rest = trimmed(Substring(name).unicodeScalars.drop { $0 == "#" || $0.properties.isWhitespace })
        let words = rest.split(separator: " ").map { String($0) }.joined(separator: " ")
        return words.utf8.allSatisfy { $0 < 0x80 } ? words : composed(words)
    }

    private static func composed(_ name: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in name.unicodeScalars where !(scalar.isPictureSelector && kept.last?.properties.isEmoji == true) {
            kept.append(scalar)
        }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: String(kept)._nfc)
        return String(composed)
    }

    /// - Throws: `channel_malformed`, which names the first character that is not seen.
    private static func checkVisible(_ name: String) throws(MessageError) {
        let scalars = Array(name.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let before = index > 0 ? scalars[index - 1] : nil
            let after = index + 1 < scalars.count ? scalars[index + 1] : nil
            if scalar == " " || scalar.isVisible && !(before == nil && scalar.isMark) { continue }
            if scalar.isJoiner, scalar.joins(before, after) { continue }
            throw MessageError(
                .channelMalformed,
                "a channel's name cannot have the character \(scalar.codePoint) there, which is not seen")
        }
    }

    private static func trimmed(_ scalars: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return scalars.prefix(0) }
        return scalars[first...last]
    }

    package static func == (a: Self, b: Self) -> Bool { a.end == b.end }
    package func hash(into hasher: inout Hasher) { hasher.combine(end) }

    package var description: String { name }
}
