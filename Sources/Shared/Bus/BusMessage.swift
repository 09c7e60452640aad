import Messages
import TelehashWire

/// Every message between the processes of a node. This file is the whole list.
///
/// A message is one frame (behind the routing frame that ROUTER sockets add): a header of four bytes, `P` `2`
/// version kind, and a body. An unknown version or kind is answered with ``problem``, never with silence.
///
/// Sockets: the router binds one ROUTER at the bus address; clients and receivers connect a DEALER each. A receiver
/// binds a ROUTER for queries and a PUB for its feed, and tells the router both addresses in ``hello``.
package enum BusMessage: Sendable, Hashable {
    /// Raised when any body changes its shape.
    package static let version: UInt8 = 6

    // Client to router.
    case publish(Publish)
    /// Live messages of some channels, for as long as it is repeated every ``Liveness/beatMilliseconds``.
    case follow(RequestID, ends: [NodeID])
    case unfollow(RequestID)
    case directoryRequest(RequestID)
    case statusRequest(RequestID)
    /// Which messages could not be placed; `redeliver` puts them back into the queues of their stores.
    case deadLettersRequest(RequestID, redeliver: Bool)

    // Router to client.
    case receipt(RequestID, Receipt)
    case refusal(RequestID, Refusal)
    /// Answer to every `follow`: the router lives.
    case following(RequestID)
    /// One message for a follower; `receivedAt` in milliseconds since 1970. The signature is not checked yet.
    case live(RequestID, SignedMessage, receivedAt: Int64)
    case directory(RequestID, Directory)
    /// The report as JSON, with the keys of `p2pmsg status --json`.
    case status(RequestID, json: String)
    /// At most ``BusLimits/deadLetters``, the newest.
    case deadLetters(RequestID, [DeadLetter])

    // Receiver to router.
    case hello(Hello)
    case acks([Ack])
    /// `messages` is how many the store holds; nil where that could not be read.
    case receiverBeat(ReceiverID, messages: UInt64? = nil)
    case goodbye(ReceiverID)

    // Router to receiver.
    case welcome(ReceiverID)
    case deliver([Delivery])
    case routerBeat
    /// The router does not know this receiver (it was restarted): say hello again.
    case whoAreYou
    /// What all stores of this node take beside the channels of their own flags: whatever a flag gave to any receiver or
    /// to the router. Comes before the first delivery, and whenever it changes.
    case channels([Channel])

    // Anyone to a receiver, and back.
    /// `waitMilliseconds`: after so many nobody waits for the answer any more.
    case query(RequestID, Query, waitMilliseconds: UInt32 = BusLimits.queryMilliseconds)
    case control(RequestID, Control)
    case answer(RequestID, Answer)

    // Receiver to everyone: the feed.
    /// Messages that the receiver has just committed.
    case committed(Pulse, [Row])
    case pulse(Pulse)
    /// What an operator has said of messages and keys, so that it holds at once also where nothing is asked any more.
    case ruled(Pulse, [Rule])

    /// The other side's message could not be served. `request` is nil where it could not even be read.
    case problem(request: RequestID?, code: String, text: String)
}

/// A request to store and spread one message.
package struct Publish: Sendable, Hashable, BusCoded {
    package let request: RequestID
    /// Stores that must have committed before the receipt comes; nil: 1 where the node has a store for the channel, or
    /// had one a moment ago, else 0.
    package let acks: UInt16?
    /// Milliseconds after which the router answers with what has happened until then.
    package let waitMilliseconds: UInt32
    /// What the sender says it is; the router knows better where it has the sender's role.
    package var origin: Origin
    package let message: SignedMessage

    package init(
        request: RequestID, acks: UInt16?, waitMilliseconds: UInt32, origin: Origin = .visitor, message: SignedMessage
    ) {
        self.request = request
        self.acks = acks
        self.waitMilliseconds = waitMilliseconds
        self.origin = origin
        self.message = message
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(
            request: try body.read(), acks: try body.read(), waitMilliseconds: try body.read(),
            origin: try body.read(), message: try body.read())
    }

    func write(to body: inout ByteWriter) {
        body.write(request, acks)
        body.write(waitMilliseconds, origin, message)
    }
}

/// What happened to a published message.
package struct Receipt: Sendable, Hashable, BusCoded {
    package let id: MessageID
    /// Stores whose commit is durable.
    package let stored: [StoreID]
    /// Switches that proved that they took it.
    package let relayed: Int
    /// Whether what was asked for was reached; false: the time was over first.
    package let complete: Bool
    /// Where a store that cannot store just now is why not: what it says, and that the message waits for it.
    package let hindrance: String?

    package init(id: MessageID, stored: [StoreID], relayed: Int, complete: Bool, hindrance: String? = nil) {
        self.id = id
        self.stored = stored
        self.relayed = relayed
        self.complete = complete
        self.hindrance = hindrance
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(
            id: try body.read(), stored: try body.read(), relayed: Int(try body.read(UInt32.self)),
            complete: try body.read(), hindrance: try body.read(LongText?.self)?.text)
    }

    func write(to body: inout ByteWriter) {
        body.write(id, stored)
        body.write(relayed.clamped, complete, hindrance?.long)
    }

    /// One line of JSON with the keys `id, stored, relayed, ms`.
    ///
    /// - Parameter milliseconds: that it took.
    package func json(milliseconds: Int64) -> String {
        var json = JSONWriter(.terminal)
        json.member("id", id.hex)
        json.member("stored", stored.map(\.description))
        json.member("relayed", relayed)
        json.member("ms", milliseconds)
        return json.object
    }
}

/// Nobody stored it and nobody will.
package struct Refusal: Sendable, Hashable, BusCoded {
    /// A stable machine word such as `signature_wrong`, `at_in_future`, `busy`.
    package let code: String
    package let text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(code: try body.read(), text: try body.read(LongText.self).text)
    }

    func write(to body: inout ByteWriter) { body.write(code, text.long) }

    /// No store of this size looks for that any faster.
    package static let searchTooBroad = Refusal(
        code: "search_too_broad",
        text: "so many messages hold that that looking through them takes too long; add a word, an author or a channel")
}

/// A receiver introduces itself, and does so again whenever the router asks who it is.
package struct Hello: Sendable, Hashable, BusRecord {
    package let receiver: ReceiverID
    package let store: StoreID
    package var queryEndpoint: String
    package var feedEndpoint: String
    /// Those that its own flags name, `tweets` included; those of the whole node come with ``BusMessage/channels(_:)``.
    package let channels: [Channel]
    /// Deliveries that may be under way to this receiver at one time.
    package let credit: UInt32
    package let version: String
    /// Over `tcp://`: the public CURVE key of both endpoints, as text.
    package let key: String?

    static let fields = Fields(
        Hello.init, \.receiver, \.store, \.queryEndpoint, \.feedEndpoint, \.channels, \.credit, \.version, \.key)

    package init(
        receiver: ReceiverID, store: StoreID, queryEndpoint: String, feedEndpoint: String, channels: [Channel],
        credit: UInt32, version: String, key: String? = nil
    ) {
        self.receiver = receiver
        self.store = store
        self.queryEndpoint = queryEndpoint
        self.feedEndpoint = feedEndpoint
        self.channels = channels
        self.credit = credit
        self.version = version
        self.key = key
    }
}

/// One message leased to a receiver.
package struct Delivery: Sendable, Hashable, BusListed {
    package let id: DeliveryID
    /// 1 for the first time.
    package let attempt: UInt8
    /// Milliseconds since the router got it.
    package let waited: UInt32
    package let source: Source
    package let message: SignedMessage

    static let listLimit = BusLimits.deliverBatch

    package init(id: DeliveryID, attempt: UInt8, waited: UInt32 = 0, source: Source, message: SignedMessage) {
        self.id = id
        self.attempt = attempt
        self.waited = waited
        self.source = source
        self.message = message
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(
            id: try body.read(), attempt: try body.read(), waited: try body.read(), source: try body.read(),
            message: try body.read())
    }

    func write(to body: inout ByteWriter) {
        body.write(id, attempt)
        body.write(waited)
        body.write(source, message)
    }
}

/// What a receiver did with a delivery; sent after the commit, never before. It gives the credit back.
package struct Ack: Sendable, Hashable, BusListed {
    package enum Outcome: Sendable, Hashable {
        case stored
        /// The store had it already: as good as stored.
        case duplicate
        /// It will never be stored: the reason is final.
        case refused(Refusal)
        /// Not now (disk full, store locked): deliver it again later.
        case failed(Refusal)
    }

    package let id: DeliveryID
    package let outcome: Outcome

    /// One takes at least nine bytes.
    static let listLimit = BusLimits.requestBytes / 9

    package init(id: DeliveryID, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(id: try body.read(), outcome: try body.read())
    }

    func write(to body: inout ByteWriter) { body.write(id, outcome) }
}

/// A stored message with its place in the order of commits of one store (1, 2, 3 …). Its id travels with it, so that
/// a client that trusts the store need not compute it again.
package struct Row: Sendable, Hashable {
    package let position: UInt64
    package let stored: StoredMessage
    /// What the store knew its author as when it answered.
    package let author: AuthorName

    package init(position: UInt64, stored: StoredMessage, author: AuthorName = .none) {
        self.position = position
        self.stored = stored
        self.author = author
    }
}

/// Where a feed stands; sent every ``Liveness/beatMilliseconds`` and with every commit, so that a gap is noticed.
package struct Pulse: Sendable, Hashable, BusCoded {
    package let store: StoreID
    package let receiver: ReceiverID
    /// New at each start of the receiver.
    package let epoch: UInt64
    /// Commits announced in this epoch, this one included.
    package let sequence: UInt64
    /// The newest position in the store.
    package let position: UInt64

    package init(store: StoreID, receiver: ReceiverID, epoch: UInt64, sequence: UInt64, position: UInt64) {
        self.store = store
        self.receiver = receiver
        self.epoch = epoch
        self.sequence = sequence
        self.position = position
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(
            store: try body.read(), receiver: try body.read(), epoch: try body.read(), sequence: try body.read(),
            position: try body.read())
    }

    func write(to body: inout ByteWriter) {
        body.write(store, receiver, epoch)
        body.write(sequence, position)
    }
}
