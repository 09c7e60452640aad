/// A named place for messages. Two channels are the same when their ends are.
public struct Channel: Hashable, Sendable, CustomStringConvertible {
    static let tweetsName = "tweets"

    /// The wall of 2011, the default everywhere. Its end is the constant of the original programs.
    public static let tweets = Channel(checked: tweetsName)

    /// 1 to 64 bytes of UTF-8.
    public let name: String
    public let end: EndHash

    /// - Parameter name: 1 to 64 bytes of UTF-8 after white space at both ends is removed, without control characters
    ///   and without `/`, so that a name can be part of a path.
    /// - Throws: `channel_malformed`.
    public init(_ name: String) throws(MessageError) {
        let trimmed = Channel.trimmed(name)
        guard !trimmed.utf8.isEmpty else {
            throw MessageError(.channelMalformed, "a channel's name cannot be empty")
        }
        let excess = trimmed.utf8.count - MessageLimits.channelBytes
        guard excess <= 0 else {
            throw MessageError(
                .channelMalformed,
                "a channel's name has at most \(MessageLimits.channelBytes) bytes; this one has \(excess) too many")
        }
        guard !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw MessageError(.channelMalformed, "a channel's name cannot have control characters")
        }
        guard !trimmed.utf8.contains(UInt8(ascii: "/")) else {
            throw MessageError(.channelMalformed, "a channel's name cannot have a slash")
        }
        self.init(checked: trimmed)
    }

    private init(checked name: String) {
        self.name = name
        self.end = EndHash(ofChannel: name)
    }

    private static func trimmed(_ name: String) -> String {
        let scalars = name.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    public static func == (a: Self, b: Self) -> Bool { a.end == b.end }
    public func hash(into hasher: inout Hasher) { hasher.combine(end) }

    public var description: String { name }
}
