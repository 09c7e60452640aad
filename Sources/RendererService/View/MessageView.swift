import Messages
import ServiceRuntime
import TelehashWire
import TextSearch

struct MessageView {
    let stored: StoredMessage
    /// What the store calls the author.
    let author: AuthorName
    let base: BasePath
    /// What was searched for: it is marked in the text.
    var search: SearchPattern?
    /// On a page of its own a message is not folded.
    var isAlone = false

    private var message: SignedMessage { stored.message }

    /// Milliseconds between writing and first sight, where that is long.
    private var lateness: Int64? {
        guard let at = message.at else { return nil }
        let (difference, overflow) = stored.receivedAt.subtractingReportingOverflow(at)
        return !overflow && difference > Limits.lateMilliseconds ? difference : nil
    }

    var values: [String: Any?] {
        let height = isAlone ? 0 : TextHeight.lines(of: TextHTML.withPlainNewlines(message.text))
        let channel = stored.channel.flatMap { try? Channel($0) }
        let values: [String: Any?] = [
            "base": base.description, "id": message.id.hex, "key": message.key.text,
            "shortKey": MessageView.short(message.key), "icon": Identicon.svg(for: message.key),
            "sortTime": String(stored.sortTime), "datetime": Timestamp.text(stored.sortTime),
            "when": When.text(stored.sortTime), "text": TextHTML.render(message.text, marking: search),
            "isLegacy": message.scheme == .legacy, "late": lateness.map(When.span), "channel": otherChannel,
            "channelPath": channel.map { Listing.channel($0).address() },
            "ahead": stored.millisecondsAhead.map(When.span), "written": message.at.map(When.text),
            "writtenDatetime": message.at.map(Timestamp.text),
            "lines": height > Limits.unfoldedLines ? String(height) : nil,
        ]
        return values.merging(MessageView.values(of: author)) { own, _ in own }
    }

    /// The channel's name or end, unless it is that of the wall.
    private var otherChannel: String? {
        message.end == Channel.tweets.end ? nil : stored.channel ?? String(message.end.hex.prefix(8)) + "…"
    }

    /// Values that only the permalink shows.
    var proof: [String: Any?] {
        [
            "channelName": stored.channel ?? (message.end == Channel.tweets.end ? Channel.tweets.name : "unknown"),
            "end": message.end.hex,
            "receivedDatetime": Timestamp.text(stored.receivedAt),
            "received": When.text(stored.receivedAt),
            "isValid": message.isSignatureValid(),
            "signals": signalsText,
        ]
    }

    /// The signals as JSON, one a line.
    private var signalsText: String {
        let lines = message.signals.map { signal in
            "  \(JSONWriter.quoted(signal.key, .page)): \(JSONWriter.quoted(signal.value, .page))"
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n}"
    }

    /// A name is shown beside the key, never instead of it, and whose word it is.
    static func values(of author: AuthorName) -> [String: Any?] {
        [
            "name": author.shown?.text, "isPinned": author.pinned != nil,
            "claimed": author.pinned == nil || author.claimed == author.pinned ? nil : author.claimed?.text,
            "namesake": author.namesake?.text, "shortNamesake": author.namesake.map(short),
        ]
    }

    /// `Ada (Yk3vQa…x9Qw)`, or the key alone: for places that hold nothing but text.
    static func line(_ key: PublicKey, _ author: AuthorName) -> String {
        let doubt = author.namesake == nil ? "" : ", another’s name"
        return author.shown.map { "\($0) (\(short(key))\(doubt))" } ?? short(key)
    }

    static func short(_ key: PublicKey) -> String { key.short }
}

extension StoredMessage {
    /// By how much the author's clock was ahead when the message came here, where that is much.
    var millisecondsAhead: Int64? {
        guard let at = message.at else { return nil }
        let (difference, overflow) = at.subtractingReportingOverflow(receivedAt)
        return !overflow && difference > Limits.aheadMilliseconds ? difference : nil
    }
}
