import Messages
import TelehashWire

extension BusMessage {
    /// Reads the frames behind the routing frame.
    ///
    /// - Parameter trustsStores: whether rows come from a store of the same node: their messages, which it checked when it
    ///   took them, are not checked again. Not for a client that may be connected to a stranger's bus.
    /// - Throws: ``BusDecodeError``. It concerns this one message: count it, answer ``problem`` where there is somebody
    ///   to answer, and go on reading.
    package static func decode(
        _ frames: some RandomAccessCollection<[UInt8]>, trustsStores: Bool = false
    ) throws(BusDecodeError) -> BusMessage {
        guard frames.count == 1, let frame = frames.first, frame.count >= headerBytes, frame.starts(with: topic) else {
            throw .notOurs
        }
        guard frame[2] == version else { throw .unknownVersion(frame[2]) }
        guard let kind = Kind(rawValue: frame[3]) else { throw .unknownKind(frame[3]) }
        var body = ByteReader(frame, from: headerBytes, trustsStores: trustsStores)
        let message = try read(kind, from: &body)
        try body.end()
        return message
    }

    private static func read(_ kind: Kind, from body: inout ByteReader) throws(BusDecodeError) -> BusMessage {
        switch kind {
        case .publish: .publish(try body.publish())
        case .follow:
            .follow(
                try body.request(),
                ends: try body.list(limit: BusLimits.channels) { body throws(BusDecodeError) in try body.endOfChannel()
                })
        case .unfollow: .unfollow(try body.request())
        case .directoryRequest: .directoryRequest(try body.request())
        case .statusRequest: .statusRequest(try body.request())
        case .deadLettersRequest: .deadLettersRequest(try body.request(), redeliver: try body.flag())
        case .deadLetters:
            .deadLetters(
                try body.request(),
                try body.list(limit: BusLimits.deadLetters) { body throws(BusDecodeError) in try body.deadLetter() })
        case .following: .following(try body.request())
        case .receipt: .receipt(try body.request(), try body.receipt())
        case .refusal: .refusal(try body.request(), try body.refusal())
        case .live: try body.live()
        case .directory: .directory(try body.request(), try body.directory())
        case .status: .status(try body.request(), json: try body.text(limit: BusLimits.frameBytes))
        case .hello: .hello(try body.hello())
        case .acks:
            .acks(try body.list(limit: BusLimits.requestBytes / 9) { body throws(BusDecodeError) in try body.ack() })
        case .receiverBeat:
            .receiverBeat(
                ReceiverID(try body.uniqueID()),
                messages: try body.optional { body throws(BusDecodeError) in try body.integer() })
        case .channels: .channels(try body.channels())
        case .goodbye: .goodbye(ReceiverID(try body.uniqueID()))
        case .welcome: .welcome(ReceiverID(try body.uniqueID()))
        case .deliver:
            .deliver(
                try body.list(limit: BusLimits.deliverBatch) { body throws(BusDecodeError) in try body.delivery() })
        case .routerBeat: .routerBeat
        case .whoAreYou: .whoAreYou
        case .query: .query(try body.request(), try body.query())
        case .control: .control(try body.request(), try body.control())
        case .answer: .answer(try body.request(), try body.answer())
        case .committed: .committed(Commit(pulse: try body.pulse(), rows: try body.rows()))
        case .pulse: .pulse(try body.pulse())
        case .problem: try body.problem()
        }
    }

    /// The request that an unreadable message would have been, where its first bytes tell: so that a client of another
    /// version gets its error instead of waiting.
    package static func requestID(ofUnreadable frames: some RandomAccessCollection<[UInt8]>) -> RequestID? {
        guard frames.count == 1, let frame = frames.first, frame.count >= headerBytes else { return nil }
        var body = ByteReader(frame, from: headerBytes)
        return try? body.request()
    }
}

extension ByteReader {
    mutating func request() throws(BusDecodeError) -> RequestID { RequestID(try integer()) }

    fileprivate mutating func endOfChannel() throws(BusDecodeError) -> NodeID {
        guard let end = NodeID(bytes: try fixed(20)) else { throw .malformed("an end") }
        return end
    }

    mutating func messageID() throws(BusDecodeError) -> MessageID {
        guard let id = MessageID(bytes: try fixed(32)) else { throw .malformed("a message id") }
        return id
    }

    /// - Parameter id: what was computed where it is trusted; nil: the message is checked here.
    mutating func message(trusting id: MessageID? = nil) throws(BusDecodeError) -> SignedMessage {
        let bytes = try blob(limit: BusLimits.requestBytes)
        if let id {
            guard let message = SignedMessage(trusting: id, encoded: bytes) else { throw .malformed("a message") }
            return message
        }
        do { return try SignedMessage(encoded: bytes) } catch { throw .malformed("a message (\(error.message))") }
    }

    fileprivate mutating func channel() throws(BusDecodeError) -> Channel {
        let name = try text()
        do { return try Channel(name) } catch { throw .malformed("a channel's name") }
    }

    fileprivate mutating func channels() throws(BusDecodeError) -> [Channel] {
        try list(limit: BusLimits.channels) { body throws(BusDecodeError) in try body.channel() }
    }

    fileprivate mutating func refusal() throws(BusDecodeError) -> Refusal {
        Refusal(code: try text(), text: try text(limit: BusLimits.requestBytes))
    }

    fileprivate mutating func publish() throws(BusDecodeError) -> Publish {
        Publish(
            request: try request(), acks: try optional { body throws(BusDecodeError) in try body.integer() },
            waitMilliseconds: try integer(), message: try message())
    }

    fileprivate mutating func receipt() throws(BusDecodeError) -> Receipt {
        Receipt(
            id: try messageID(),
            stored: try list(limit: BusLimits.requestBytes / 16) { body throws(BusDecodeError) in
                StoreID(try body.uniqueID())
            }, relayed: Int(try integer(UInt32.self)), complete: try flag(),
            hindrance: try optional { body throws(BusDecodeError) in try body.text(limit: BusLimits.requestBytes) })
    }

    fileprivate mutating func live() throws(BusDecodeError) -> BusMessage {
        let request = try request()
        let receivedAt: Int64 = try integer()
        return .live(request, try message(), receivedAt: receivedAt)
    }

    fileprivate mutating func directory() throws(BusDecodeError) -> Directory {
        Directory(
            routerVersion: try text(),
            receivers: try list(limit: BusLimits.requestBytes) { body throws(BusDecodeError) in
                Directory.Entry(
                    receiver: ReceiverID(try body.uniqueID()), store: StoreID(try body.uniqueID()),
                    queryEndpoint: try body.text(), feedEndpoint: try body.text(), channels: try body.channels(),
                    key: try body.optional { body throws(BusDecodeError) in try body.text() })
            }, channels: try optional { body throws(BusDecodeError) in try body.channels() })
    }

    fileprivate mutating func hello() throws(BusDecodeError) -> Hello {
        Hello(
            receiver: ReceiverID(try uniqueID()), store: StoreID(try uniqueID()), queryEndpoint: try text(),
            feedEndpoint: try text(), channels: try channels(), credit: try integer(), version: try text(),
            key: try optional { body throws(BusDecodeError) in try body.text() })
    }

    fileprivate mutating func delivery() throws(BusDecodeError) -> Delivery {
        Delivery(
            id: DeliveryID(try integer()), attempt: try integer(), source: try source(), message: try message())
    }

    fileprivate mutating func ack() throws(BusDecodeError) -> Ack {
        let id = DeliveryID(try integer())
        switch try integer(UInt8.self) {
        case 0: return Ack(id: id, outcome: .stored)
        case 1: return Ack(id: id, outcome: .duplicate)
        case 2: return Ack(id: id, outcome: .refused(try refusal()))
        case 3: return Ack(id: id, outcome: .failed(try refusal()))
        default: throw .malformed("an ack")
        }
    }

    fileprivate mutating func pulse() throws(BusDecodeError) -> Pulse {
        Pulse(
            store: StoreID(try uniqueID()), receiver: ReceiverID(try uniqueID()), epoch: try integer(),
            sequence: try integer(), position: try integer())
    }

    fileprivate mutating func problem() throws(BusDecodeError) -> BusMessage {
        let request = try optional { body throws(BusDecodeError) in try body.request() }
        let refusal = try refusal()
        return .problem(request: request, code: refusal.code, text: refusal.text)
    }

    fileprivate mutating func row() throws(BusDecodeError) -> Row {
        let position: UInt64 = try integer()
        let id = try messageID()
        let stored = try storedMessage(trusting: trustsStores ? id : nil)
        guard stored.message.id == id else { throw .malformed("a message's id") }
        return Row(position: position, stored: stored, author: try authorName())
    }

    private mutating func authorName() throws(BusDecodeError) -> AuthorName {
        AuthorName(
            claimed: try optional { body throws(BusDecodeError) in try body.displayName() },
            pinned: try optional { body throws(BusDecodeError) in try body.displayName() },
            namesake: try optional { body throws(BusDecodeError) in try body.publicKey() })
    }

    private mutating func displayName() throws(BusDecodeError) -> DisplayName {
        let text = try text(limit: MessageLimits.nameBytes)
        do { return try DisplayName(text) } catch { throw .malformed("a name (\(error))") }
    }

    fileprivate mutating func rows() throws(BusDecodeError) -> [Row] {
        try list(limit: BusLimits.frameBytes / 64) { body throws(BusDecodeError) in try body.row() }
    }

    fileprivate mutating func query() throws(BusDecodeError) -> Query {
        switch try integer(UInt8.self) {
        case 0: return .timeline(try timeline())
        case 1: return .message(try messageID())
        case 2: return .after(position: try integer(), limit: try integer())
        case 3: return .summary
        case 4:
            return .rules(
                try ruleKind(), after: try optional { body throws(BusDecodeError) in try body.subjectBytes() },
                limit: try integer())
        case 5:
            let search = try searchQuery()
            var timeline = try timeline()
            timeline.search = search
            return .timeline(timeline)
        case 6: return .find(try sought())
        case 7: return .channels
        default: throw .malformed("a query")
        }
    }

    private mutating func sought() throws(BusDecodeError) -> Query.Sought {
        switch try integer(UInt8.self) {
        case 0: return .message(prefix: try text())
        case 1: return .key(prefix: try text(), suffix: try text())
        case 2: return .name(try displayName())
        default: throw .malformed("what is sought")
        }
    }

    private mutating func candidate() throws(BusDecodeError) -> Candidate {
        switch try integer(UInt8.self) {
        case 0: return .message(try messageID())
        case 1: return .author(try publicKey(), try authorName())
        default: throw .malformed("a candidate")
        }
    }

    private mutating func channelActivity() throws(BusDecodeError) -> ChannelActivity {
        ChannelActivity(
            end: try endOfChannel(), name: try optional { body throws(BusDecodeError) in try body.text() },
            messages: try integer(), lastAt: try optional { body throws(BusDecodeError) in try body.integer() })
    }

    private mutating func searchQuery() throws(BusDecodeError) -> SearchQuery {
        let text = try text()
        do { return try SearchQuery(text) } catch { throw .malformed("a search (\(error))") }
    }

    private mutating func timeline() throws(BusDecodeError) -> Query.Timeline {
        Query.Timeline(
            before: try optional { body throws(BusDecodeError) in
                Cursor(time: try body.integer(), id: try body.messageID())
            },
            since: try optional { body throws(BusDecodeError) in try body.integer() },
            end: try optional { body throws(BusDecodeError) in try body.endOfChannel() },
            author: try optional { body throws(BusDecodeError) in try body.publicKey() }, limit: try integer())
    }

    fileprivate mutating func answer() throws(BusDecodeError) -> Answer {
        Answer(store: StoreID(try uniqueID()), position: try integer(), body: try answerBody())
    }

    private mutating func answerBody() throws(BusDecodeError) -> Answer.Body {
        switch try integer(UInt8.self) {
        case 0: .rows(try rows(), more: try flag())
        case 1: .summary(try summary())
        case 2: .refused(try refusal())
        case 3: .rules(try rules(), more: try flag())
        case 4: .imported(try importCounts())
        case 5: .done(try integer())
        case 6:
            .found(
                try list(limit: BusLimits.candidates) { body throws(BusDecodeError) in try body.candidate() })
        case 7:
            .channels(
                try list(limit: BusLimits.frameBytes / 32) { body throws(BusDecodeError) in try body.channelActivity() }
            )
        default: throw .malformed("an answer")
        }
    }

    private mutating func summary() throws(BusDecodeError) -> Summary {
        let messages: UInt64 = try integer()
        let hidden: UInt64 = try integer()
        let authors: UInt64 = try integer()
        let bytes: UInt64 = try integer()
        let channels = try list(limit: BusLimits.frameBytes / 32) { body throws(BusDecodeError) in
            ChannelCount(
                end: try body.endOfChannel(),
                name: try body.optional { body throws(BusDecodeError) in try body.text() },
                messages: try body.integer())
        }
        let notices = try list(limit: BusLimits.notices) { body throws(BusDecodeError) in
            Notice(code: try body.text(), text: try body.text(limit: BusLimits.requestBytes))
        }
        return Summary(
            messages: messages, hidden: hidden, authors: authors, channels: channels, bytes: bytes, notices: notices)
    }
}
