import Bus
import BusClient
import Messages
import NIOCore
import TelehashWire

/// The id of a live event: a place in the order of commits of one store, written `STOREID:POSITION`.
struct EventID: Hashable, Sendable, CustomStringConvertible {
    let store: StoreID
    let position: UInt64

    init(store: StoreID, position: UInt64) {
        self.store = store
        self.position = position
    }

    /// Where a store stood when it answered.
    init(of answer: Answer) { self.init(store: answer.store, position: answer.position) }

    /// - Parameter text: as ``description`` writes it; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let store = StoreID(String(text[..<colon])) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...20).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let position = UInt64(digits)
        else { return nil }
        self.init(store: store, position: position)
    }

    var description: String { "\(store):\(position)" }
}

extension FeedMessage {
    var eventID: EventID { EventID(store: store, position: position) }
}

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

    /// More came than is told one by one: how many, and the place after which they are.
    static func new(_ count: Pace.Count) -> String {
        var json = JSONWriter(.stream)
        json.member("count", count.messages)
        json.member("after", count.after.description)
        return "id: \(count.last)\nevent: new\ndata: \(json.object)\n\n"
    }

    enum Hidden: Hashable, Sendable {
        case message(MessageID)
        /// And all that the author wrote.
        case author(PublicKey)
    }

    /// Something that readers may have is shown no more. It has no place among the messages.
    static func hidden(_ hidden: Hidden) -> String {
        var json = JSONWriter(.stream)
        switch hidden {
        case .message(let id): json.member("id", id.hex)
        case .author(let key): json.member("key", key.text)
        }
        return "event: hidden\ndata: \(json.object)\n\n"
    }

    static let end = "event: end\ndata: {}\n\n"

    /// A message: the keys of a message as JSON, and `html`, its place on the page ready to insert.
    static func message(_ committed: FeedMessage, html: String) -> String {
        var json = JSONWriter(.stream)
        committed.row.stored.writeMembers(to: &json)
        json.member("html", html)
        return "id: \(committed.eventID)\nevent: message\ndata: \(json.object)\n\n"
    }
}

/// One open event stream: what waits for it, and how to cut it off.
struct Subscriber: Sendable {
    enum Item: Sendable {
        case event(FeedMessage, ByteBuffer)
        /// Something that is about no single message; up to a place, where it is about what came.
        case notice(ByteBuffer, to: EventID? = nil)
    }

    let site: [UInt8]
    let items: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation
    private let close: @Sendable () -> Void

    /// - Parameters:
    ///   - site: where the reader comes from.
    ///   - close: closes the connection, also while a write to it is waiting.
    init(site: [UInt8], close: @escaping @Sendable () -> Void) {
        self.site = site
        (items, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Limits.streamEvents))
        self.close = close
    }

    /// - Returns: false when too much is waiting already.
    func offer(_ item: Item) -> Bool {
        if case .dropped = continuation.yield(item) { return false }
        return true
    }

    /// What waits is still sent, then the stream ends.
    func finish() { continuation.finish() }

    /// Nothing more is sent.
    func cutOff() {
        continuation.finish()
        close()
    }
}

extension [UInt64: Subscriber] {
    /// The oldest stream of the site that has most, which gives way to another one's; nil where that would have as many, or
    /// nobody has many.
    func leastMissed(by site: [UInt8]) -> UInt64? {
        let counts = values.reduce(into: [:]) { $0[$1.site, default: 0] += 1 }
        guard let most = counts.max(by: { $0.value < $1.value }),
            most.value > Swift.max(counts[site, default: 0] + 1, Limits.browserConnections)
        else { return nil }
        return filter { $0.value.site == most.key }.keys.min()
    }
}
