import Bus
import Messages
import ServiceRuntime
import TelehashWire

/// A message as people read it in a terminal.
///
/// ```
/// 2026-11-22T19:00:00Z  ed25519:1x7T…Gh4c  “Ada”  #tweets  3f2a…
///     the text, indented, with nothing in it that a terminal obeys
/// ```
enum MessageText {
    /// Milliseconds between the author's and the store's time from which both are shown: clocks differ, five
    /// minutes are a story.
    static let differenceWorthShowing: Int64 = 5 * 60 * 1_000

    /// - Parameter author: what the author is called, where a store says it.
    static func lines(
        _ message: SignedMessage, channel: String?, receivedAt: Int64, author: AuthorName = .none
    ) -> String {
        var head = [time(message.at, receivedAt: receivedAt), short(message.key)]
        if let name = name(author) { head.append(name) }
        head += [place(channel, end: message.end), message.id.hex]
        if message.scheme == .legacy { head.append("[2011: anybody can forge it]") }
        let body = SafeText.lines(message.text).split(separator: "\n", omittingEmptySubsequences: false)
        return head.joined(separator: "  ") + "\n" + body.map { "    \($0)\n" }.joined()
    }

    /// A key is recognised by its ends; the whole one is in the JSON.
    static func short(_ key: PublicKey) -> String {
        "\(key.scheme.rawValue):\(key.short)"
    }

    static func lines(_ row: Row) -> String {
        lines(
            row.stored.message, channel: row.stored.channel, receivedAt: row.stored.receivedAt, author: row.author)
    }

    /// What an author claims stands in quotation marks, what the operator says does not.
    static func name(_ author: AuthorName) -> String? {
        let claimed = author.claimed.map {
            "“\($0)”" + (author.namesake == nil ? "" : " (another’s name)")
        }
        return author.pinned?.text ?? claimed
    }

    private static func time(_ at: Int64?, receivedAt: Int64) -> String {
        guard let at else { return seconds(receivedAt) + " (seen)" }
        guard abs(at - max(receivedAt, 0)) >= differenceWorthShowing else { return seconds(at) }
        return "\(seconds(at)) (seen \(seconds(receivedAt)))"
    }

    private static func place(_ channel: String?, end: NodeID) -> String {
        channel.map { "#" + SafeText.line($0) } ?? "end \(end.hex)"
    }

    /// Without the milliseconds, which only the order needs.
    private static func seconds(_ time: Int64) -> String { Timestamp.text(time).prefix(19) + "Z" }
}
