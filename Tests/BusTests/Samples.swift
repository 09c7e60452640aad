import Messages
import TelehashWire

@testable import Bus

/// One of every message of the bus, with every optional part both present and absent.
enum Samples {
    static func all() throws -> [BusMessage] { try made.get() + controls(signed("a message", at: 1_763_840_000_000)) }

    /// Made once: a key of 2011 takes a while.
    private static let made = Result {
        try make(
            signed("a message", at: 1_763_840_000_000),
            legacy: Identity.generate(.legacy).sign("2011", channel: .tweets, at: 0))
    }

    /// The same each time.
    static func fixed() throws -> [BusMessage] {
        let message = try SignedMessage(signals: [
            "+at": "1763840000000", "+end": Channel.tweets.end.hex, "+message": "a message",
            "+key": "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "+sig": String(repeating: "A", count: 86),
        ])
        return try make(message, legacy: message) + controls(message)
    }

    private static func make(_ message: SignedMessage, legacy: SignedMessage) throws -> [BusMessage] {
        let (store, receiver) = (StoreID(unique(1)), ReceiverID(unique(2)))
        let request = RequestID(0xFFFF_0000_1234_5678)
        let pulse = Pulse(store: store, receiver: receiver, epoch: 7, sequence: .max, position: 9)
        let row = Row(
            position: 3, stored: StoredMessage(message: message, receivedAt: -1, channel: "tweets"),
            author: AuthorName(
                claimed: try DisplayName("Ada 👩‍💻"), pinned: try DisplayName("my friend"), namesake: legacy.key))
        let old = Row(position: 4, stored: StoredMessage(message: legacy, receivedAt: 2, channel: nil))
        let refusal = Refusal(code: "busy", text: "später, “bitte” \u{202E}")
        return [
            .publish(Publish(request: request, acks: nil, waitMilliseconds: 5_000, message: message)),
            .publish(Publish(request: request, acks: 2, waitMilliseconds: .max, origin: .commandLine, message: legacy)),
            .follow(request, ends: [Channel.tweets.end, try Channel("gärten").end]), .follow(request, ends: []),
            .unfollow(request), .directoryRequest(request), .statusRequest(request), .following(request),
            .receipt(
                request, Receipt(id: message.id, stored: [store, StoreID(unique(5))], relayed: 8, complete: true)),
            .receipt(request, Receipt(id: message.id, stored: [], relayed: 0, complete: false)),
            .receipt(
                request, Receipt(id: message.id, stored: [], relayed: 0, complete: false, hindrance: "no space left")),
            .refusal(request, refusal), .live(request, message, receivedAt: 17),
            .directory(request, directory(store, receiver)),
            .directory(request, Directory(routerVersion: "", receivers: [], channels: [.tweets])),
            .status(request, json: "{}"),
            .hello(
                Hello(
                    receiver: receiver, store: store, queryEndpoint: "ipc:///q", feedEndpoint: "ipc:///f",
                    channels: [.tweets], credit: 1024, version: "0.1.0")),
            .hello(
                Hello(
                    receiver: receiver, store: store, queryEndpoint: "tcp://192.0.2.1:1", feedEndpoint: "tcp://[::1]:2",
                    channels: [], credit: 1, version: "", key: String(repeating: "k", count: 40))),
            .acks([
                Ack(id: DeliveryID(1), outcome: .stored), Ack(id: DeliveryID(2), outcome: .duplicate),
                Ack(id: DeliveryID(3), outcome: .refused(refusal)), Ack(id: DeliveryID(4), outcome: .failed(refusal)),
            ]), .receiverBeat(receiver), .receiverBeat(receiver, messages: .max), .goodbye(receiver),
            .welcome(receiver),
            .channels([.tweets, try Channel("gärten")]), .channels([]),
            .deliver([
                Delivery(id: DeliveryID(1), attempt: 1, source: .client, message: message),
                Delivery(id: DeliveryID(2), attempt: 5, waited: 90_000, source: .peer("192.0.2.1"), message: legacy),
            ]), .routerBeat, .whoAreYou, .query(request, .message(message.id)),
            .query(request, .summary, waitMilliseconds: 7),
            .query(request, .after(position: 12, limit: 500)), .query(request, .timeline(.init(limit: 50))),
            .query(
                request,
                .timeline(
                    .init(
                        before: Cursor(time: 5, id: message.id), since: 3, end: Channel.tweets.end, author: message.key,
                        limit: 1))),
            .query(request, .timeline(.init(since: 3, search: try SearchQuery("red -“blue” wal*"), limit: 9))),
            .query(request, .find(.message(prefix: "3f2a90"))), .query(request, .channels),
            .query(request, .find(.key(prefix: "ed25519:pQz4Kd", suffix: "wxyz"))),
            .query(request, .find(.name(try DisplayName("Ada 👩‍💻")))),
            .answer(request, Answer(store: store, position: 1, body: .refused(refusal))),
            .answer(request, Answer(store: store, position: 1, body: .found(try candidates(message)))),
            .answer(request, Answer(store: store, position: 1, body: .channels(activity()))),
            .answer(request, Answer(store: store, position: 4, body: .rows([row, old], more: true))),
            .answer(request, Answer(store: store, position: 4, body: .summary(summary()))),
            .committed(pulse, [row, old]), .pulse(pulse), .ruled(pulse, []),
            .ruled(pulse, [Rule(subject: .message(message.id), isActive: true, at: -5, reason: "spam")]),
            .deadLettersRequest(request, redeliver: true), .deadLetters(request, []),
            .deadLetters(request, [DeadLetter(store: store, age: 17, message: legacy)]),
            .problem(request: request, code: "malformed", text: "why"), .problem(request: nil, code: "x", text: ""),
        ]
    }

    private static func candidates(_ message: SignedMessage) throws -> [Candidate] {
        let name = AuthorName(claimed: try DisplayName("Ada"), pinned: nil)
        return [.message(message.id), .author(message.key, name), .author(message.key, .none)]
    }

    private static func activity() -> [ChannelActivity] {
        [
            ChannelActivity(end: Channel.tweets.end, name: "tweets", messages: .max, lastAt: -3),
            ChannelActivity(end: Channel.tweets.end, name: nil, messages: 0, lastAt: nil),
        ]
    }

    /// One of every control, and of what answers them.
    private static func controls(_ message: SignedMessage) throws -> [BusMessage] {
        let request = RequestID(7)
        let store = StoreID(unique(1))
        let rule = Rule(subject: .message(message.id), isActive: true, at: -5, reason: "spam, “sorry”")
        let other = Rule(subject: .key(message.key), isActive: false, at: .max)
        let name = Rule(calling: message.key, try DisplayName("my friend"), at: 3)
        let unnamed = Rule(subject: .name(of: message.key), isActive: false, at: 4)
        let stored = StoredMessage(message: message, receivedAt: 9, channel: nil)
        let controls: [Control] = [
            .set(rule), .set(other), .set(name), .set(unnamed), .store([stored, stored]), .store([]),
            .copy(.begin), .copy(.piece(number: 7, offset: .max)), .copy(.end(number: 0)),
        ]
        let answers: [Answer.Body] = [
            .rules([rule, other, name], more: true), .rules([], more: false), .done(.max), .imported(ImportCounts()),
            .imported(ImportCounts(stored: 1, duplicates: 2, refused: ["signature_wrong": 3])),
            .copy(CopyTicket(receiver: ReceiverID(unique(2)), number: 7, bytes: .max)),
            .piece(CopyPiece(bytes: [0, 1, 255])), .piece(CopyPiece(bytes: [])),
        ]
        let queries: [Query] = [
            .rules(.blockedKey, after: nil, limit: 1), .rules(.hiddenMessage, after: rule.subjectBytes, limit: 500),
        ]
        return controls.map { .control(request, $0) } + queries.map { .query(request, $0) }
            + answers.map { .answer(request, Answer(store: store, position: 4, body: $0)) }
    }

    static func signed(_ text: String, at: Int64) throws -> SignedMessage {
        try Identity.generate(.ed25519).sign(text, channel: .tweets, at: at)
    }

    static func unique(_ number: UInt64) -> UniqueID { UniqueID(high: number, low: ~number) }

    private static func directory(_ store: StoreID, _ receiver: ReceiverID) -> Directory {
        Directory(
            routerVersion: "0.1.0",
            receivers: [
                .init(
                    receiver: receiver, store: store, queryEndpoint: "ipc:///q", feedEndpoint: "ipc:///f",
                    channels: [.tweets]),
                .init(
                    receiver: ReceiverID(unique(6)), store: store, queryEndpoint: "tcp://192.0.2.1:1",
                    feedEndpoint: "tcp://[::1]:2", channels: [], key: String(repeating: "k", count: 40)),
            ])
    }

    private static func summary() -> Summary {
        Summary(
            messages: 10, hidden: 2, authors: 3,
            channels: [
                ChannelCount(end: Channel.tweets.end, name: "tweets", messages: 9),
                ChannelCount(end: Channel.end(ofName: "x"), name: nil, messages: 1),
            ], bytes: 4096, notices: [Notice(code: "clock_behind", text: "is this clock right?")])
    }
}

extension BusMessage {
    /// What the header says of it.
    var kind: Kind? { Kind(rawValue: frames()[0][3]) }
    var name: String { kind.map { "\($0)" } ?? "" }
}
