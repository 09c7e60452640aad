import Messages
import TelehashWire

/// A question to a receiver. Reads only: asking twice is harmless.
package enum Query: Sendable, Hashable {
    /// A page of the wall, newest first.
    case timeline(Timeline)
    /// One message.
    case message(MessageID)
    /// What was committed after a position of this store, oldest first.
    case after(position: UInt64, limit: UInt32)
    /// Counts, channels, newest position.
    case summary
    /// The rules of one kind, in the order of their subjects, after one.
    case rules(Rule.Kind, after: [UInt8]?, limit: UInt32)
    /// What a few digits or a name stand for.
    case find(Sought)
    /// The channels of the store, the largest first, with what is in them.
    case channels

    /// Whether words or a name are looked for, which costs a store more than a page: a name has as many claimants as
    /// somebody makes.
    package var isSearch: Bool {
        switch self {
        case .timeline(let timeline): timeline.search != nil
        case .find(.name): true
        default: false
        }
    }

    /// What people give in the place of an id or a key.
    package enum Sought: Sendable, Hashable {
        /// Lower-case hex digits with which a message's id begins, at least ``BusLimits/prefixDigits`` and fewer than 64.
        case message(prefix: String)
        /// What the text of a key begins and ends with.
        case key(prefix: String, suffix: String)
        /// What an author is called: by the operator, or in the newest of the author's messages that say it.
        case name(DisplayName)
    }

    package struct Timeline: Sendable, Hashable, BusRecord {
        /// Only messages older than this place in the order.
        package var before: Cursor?
        /// Only messages at least as new as this, milliseconds since 1970.
        package var since: Int64?
        package var end: NodeID?
        package var author: PublicKey?
        /// Only messages whose text holds this.
        package var search: SearchQuery?
        /// Rows wanted, 1…``BusLimits/pageRows``; a larger one is cut to that.
        package var limit: UInt32

        static let fields = Fields(
            { Query.Timeline(before: $0, since: $1, end: $2, author: $3, limit: $4) },
            \.before, \.since, \.end, \.author, \.limit)

        package init(
            before: Cursor? = nil, since: Int64? = nil, end: NodeID? = nil, author: PublicKey? = nil,
            search: SearchQuery? = nil, limit: UInt32
        ) {
            self.before = before
            self.since = since
            self.end = end
            self.author = author
            self.search = search
            self.limit = limit
        }
    }
}

/// A receiver's answer, with the place where its store stood.
package struct Answer: Sendable, Hashable, BusCoded {
    package enum Body: Sendable, Hashable {
        /// Rows, and whether there are more beyond them.
        case rows([Row], more: Bool)
        case summary(Summary)
        case rules([Rule], more: Bool)
        /// At most ``BusLimits/candidates``; as many mean that there may be more.
        case found([Candidate])
        case channels([ChannelActivity])
        case imported(ImportCounts)
        case copy(CopyTicket)
        case piece(CopyPiece)
        /// A control was carried out; the number is what it says there.
        case done(UInt64)
        case refused(Refusal)
    }

    package let store: StoreID
    /// The newest position in the store.
    package let position: UInt64
    package let body: Body

    package init(store: StoreID, position: UInt64, body: Body) {
        self.store = store
        self.position = position
        self.body = body
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(store: try body.read(), position: try body.read(), body: try body.read())
    }

    func write(to body: inout ByteWriter) { body.write(store, position, self.body) }
}

/// What an answer has; nil in one of another kind.
extension Answer.Body {
    package var page: (rows: [Row], more: Bool)? {
        if case .rows(let rows, let more) = self { (rows, more) } else { nil }
    }

    package var summary: Summary? { if case .summary(let summary) = self { summary } else { nil } }

    package var rules: (rules: [Rule], more: Bool)? {
        if case .rules(let rules, let more) = self { (rules, more) } else { nil }
    }

    package var found: [Candidate]? { if case .found(let candidates) = self { candidates } else { nil } }

    package var channels: [ChannelActivity]? { if case .channels(let channels) = self { channels } else { nil } }

    package var imported: ImportCounts? { if case .imported(let counts) = self { counts } else { nil } }

    package var copy: CopyTicket? { if case .copy(let ticket) = self { ticket } else { nil } }

    package var piece: CopyPiece? { if case .piece(let piece) = self { piece } else { nil } }

    package var done: UInt64? { if case .done(let number) = self { number } else { nil } }
}

/// A store in numbers.
package struct Summary: Sendable, Hashable, BusRecord {
    /// All, those included that are not shown.
    package let messages: UInt64
    /// Not shown: hidden one by one, or of blocked keys.
    package let hidden: UInt64
    package let authors: UInt64
    package let channels: [ChannelCount]
    /// Size of the store on disk.
    package let bytes: UInt64
    /// What the receiver that answers wants its operator to know, at most ``BusLimits/notices``.
    package var notices: [Notice]

    static let fields = Fields(
        { Summary(messages: $0, hidden: $1, authors: $2, channels: $4, bytes: $3, notices: $5) },
        \.messages, \.hidden, \.authors, \.bytes, \.channels, \.notices)

    package init(
        messages: UInt64, hidden: UInt64, authors: UInt64, channels: [ChannelCount], bytes: UInt64,
        notices: [Notice] = []
    ) {
        self.messages = messages
        self.hidden = hidden
        self.authors = authors
        self.channels = channels
        self.bytes = bytes
        self.notices = notices
    }
}

/// Something that an operator should look at while it lasts.
package struct Notice: Sendable, Hashable, BusRecord, BusListed {
    /// A stable machine word: `retention_held`, `clock_behind`.
    package let code: String
    /// A sentence for people, without a capital and without a full stop.
    package let text: String

    static let listLimit = BusLimits.notices
    static let fields = Fields({ Notice(code: $0, text: $1.text) }, \.code, \.text.long)

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }
}

extension Answer {
    /// The same where a summary has these notices.
    package func with(_ notices: [Notice]) -> Answer {
        guard case .summary(var summary) = body else { return self }
        summary.notices = notices
        return Answer(store: store, position: position, body: .summary(summary))
    }
}

package struct ChannelCount: Sendable, Hashable, BusRecord, BusListed {
    package let end: NodeID
    /// Nil where the store knows only the end.
    package let name: String?
    package let messages: UInt64

    static let listLimit = BusLimits.frameBytes / 32
    static let fields = Fields(ChannelCount.init, \.end, \.name, \.messages)

    package init(end: NodeID, name: String?, messages: UInt64) {
        self.end = end
        self.name = name
        self.messages = messages
    }
}

/// What a ``Query/Sought`` may mean.
package enum Candidate: Sendable, Hashable {
    /// A message that is stored, or hidden before it came.
    case message(MessageID)
    case author(PublicKey, AuthorName)
}

/// What there is in a channel of a store.
package struct ChannelActivity: Sendable, Hashable, BusRecord, BusListed {
    package let end: NodeID
    /// Nil where the store knows only the end.
    package let name: String?
    package let messages: UInt64
    /// The time of the newest message that is shown, milliseconds since 1970.
    package let lastAt: Int64?

    static let listLimit = BusLimits.frameBytes / 32
    static let fields = Fields(ChannelActivity.init, \.end, \.name, \.messages, \.lastAt)

    package init(end: NodeID, name: String?, messages: UInt64, lastAt: Int64?) {
        self.end = end
        self.name = name
        self.messages = messages
        self.lastAt = lastAt
    }
}

/// Who is here, as the router knows it.
package struct Directory: Sendable, Hashable, BusRecord {
    package struct Entry: Sendable, Hashable, BusRecord, BusListed {
        package let receiver: ReceiverID
        package let store: StoreID
        package let queryEndpoint: String
        package let feedEndpoint: String
        package let channels: [Channel]
        /// As in ``Hello/key``.
        package let key: String?

        static let listLimit = BusLimits.requestBytes
        static let fields = Fields(
            Directory.Entry.init, \.receiver, \.store, \.queryEndpoint, \.feedEndpoint, \.channels, \.key)

        package init(
            receiver: ReceiverID, store: StoreID, queryEndpoint: String, feedEndpoint: String, channels: [Channel],
            key: String? = nil
        ) {
            self.receiver = receiver
            self.store = store
            self.queryEndpoint = queryEndpoint
            self.feedEndpoint = feedEndpoint
            self.channels = channels
            self.key = key
        }
    }

    package let routerVersion: String
    package let receivers: [Entry]
    /// What the stores of this node take, those that are away for a moment included; empty on a node without a store, nil
    /// while a router that has just started cannot know.
    package let channels: [Channel]?

    static let fields = Fields(Directory.init, \.routerVersion, \.receivers, \.channels)

    package init(routerVersion: String, receivers: [Entry], channels: [Channel]? = nil) {
        self.routerVersion = routerVersion
        self.receivers = receivers
        self.channels = channels
    }

    /// Whether a store of this node takes what is published to the channel; nil: nobody knows yet.
    package func keeps(_ channel: Channel) -> Bool? { keeps(channel.end) }

    /// The same of a channel of which only the end is known.
    package func keeps(_ end: NodeID) -> Bool? { channels.map { $0.contains { $0.end == end } } }
}
