import Bus
import BusClient
import Messages
import TelehashWire

/// The text of server-sent events (WHATWG HTML, section 9.2).
enum LiveEvent {
    /// Sent first: where the stream begins, so that a reader that is cut off before the first event comes back to it.
    static func opening(at start: EventID) -> String { "id: \(start)\n" + pause + "\n" }

    /// How long to wait before connecting again. Not the same for all, so that they don't come at once.
    static var pause: String { "retry: \(Int.random(in: Limits.reconnectMilliseconds))\n" }

    /// A comment: proof of life that nobody sees.
    static let ping = ": ping\n\n"

    /// More was missed than is kept here: the page must be loaded again. Its id is where the stream goes on.
    static func reset(at id: EventID) -> String {
        "id: \(id)\nevent: reset\ndata: {}\n\n"
    }

    /// That was all that was missed; the stream ends.
    static let end = "event: end\ndata: {}\n\n"

    /// A message: the keys of a message as JSON, and `html`, its place on the page ready to insert.
    static func message(_ committed: FeedMessage, html: String) -> String {
        var json = JSONWriter(.stream)
        committed.row.stored.writeMembers(to: &json)
        json.member("html", html)
        return "id: \(committed.eventID)\nevent: message\ndata: \(json.object)\n\n"
    }
}
