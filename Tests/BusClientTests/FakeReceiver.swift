import Bus
import Messages
import Synchronization
import TestSupport
import ZeroMQ

/// The rows that fake receivers share.
final class FakeStore: Sendable {
    let id: StoreID
    private let rows = Shared<[Row]>([])

    init() {
        var random = SystemRandomNumberGenerator()
        id = StoreID(UniqueID(using: &random))
    }

    var all: [Row] { rows.value }
    var position: UInt64 { UInt64(rows.value.count) }

    func append(_ messages: [SignedMessage]) -> [Row] {
        var added: [Row] = []
        rows.change { rows in
            for message in messages {
                let stored = StoredMessage(message: message, receivedAt: 1, channel: "tweets")
                added.append(Row(position: UInt64(rows.count + added.count + 1), stored: stored))
            }
            rows += added
        }
        return added
    }

    /// What a backup from earlier does.
    func goBack(to position: Int) { rows.change { $0 = Array($0.prefix(position)) } }

    func answer(_ query: Query) -> Answer {
        let rows = all
        var body = Answer.Body.rows([], more: false)
        switch query {
        case .after(let position, let limit):
            let rest = rows.drop { $0.position <= position }
            body = .rows(Array(rest.prefix(Int(limit))), more: rest.count > limit)
        case .message(let id): body = .rows(rows.filter { $0.stored.message.id == id }, more: false)
        case .timeline(let timeline): body = .rows(Array(rows.reversed().prefix(Int(timeline.limit))), more: false)
        case .summary:
            body = .summary(Summary(messages: UInt64(rows.count), hidden: 0, authors: 0, channels: [], bytes: 0))
        case .rules: body = .rules([], more: false)
        case .find: body = .found([])
        case .channels: body = .channels([])
        }
        return Answer(store: id, position: UInt64(rows.count), body: body)
    }
}

/// A receiver as clients see it; it can be told to misbehave.
final class FakeReceiver: Sendable {
    struct Manners: Sendable {
        /// Queries are read and not answered.
        var isMute = false
        /// Milliseconds before each answer.
        var delay = 0
        var refusal: Refusal?
        /// Pulses are sent every beat.
        var beats = true
    }

    let store: FakeStore
    let entry: Directory.Entry
    let manners = Shared(Manners())
    /// Every query, with the time at which it came: on a thread of its own, so that a busy test run doesn't blur it.
    let asked = Mailbox<(query: Query, at: ContinuousClock.Instant)>()
    /// How long each would be waited for, in milliseconds.
    let waits = Mailbox<UInt32>()
    private let loop: Loop
    private let sockets: LoopBound<(query: Socket, feed: Socket)>
    private let epoch: Shared<UInt64>
    private let sequence = Shared<UInt64>(0)

    init(in directory: TemporaryDirectory, _ name: String, of store: FakeStore = FakeStore()) async throws {
        self.store = store
        var random = SystemRandomNumberGenerator()
        let entry = Directory.Entry(
            receiver: ReceiverID(UniqueID(using: &random)), store: store.id,
            queryEndpoint: "ipc://" + directory.file(name + ".query"),
            feedEndpoint: "ipc://" + directory.file(name + ".feed"), channels: [.tweets])
        self.entry = entry
        epoch = Shared(random.next())
        let loop = try Loop(name: "fake receiver")
        self.loop = loop
        sockets = try await loop.run { context in
            let query = try context.socket(.router)
            try query.bind(entry.queryEndpoint)
            let feed = try context.socket(.pub)
            try feed.bind(entry.feedEndpoint)
            return LoopBound((query: query, feed: feed), in: context)
        }
        loop.post { [self, sockets] context in
            sockets.value(in: context).query.onReceive = { [weak self] frames in self?.received(frames, in: context) }
            context.every(.milliseconds(Liveness.beatMilliseconds)) { [weak self] in
                if let self, manners.value.beats { announce([], in: context) }
            }
        }
    }

    /// Stores the messages and tells the subscribers, if wanted.
    @discardableResult
    func commit(_ messages: [SignedMessage], announced: Bool = true) async throws -> [Row] {
        let rows = store.append(messages)
        try await loop.run { [self] context in
            sequence.change { $0 += 1 }
            if announced { announce(rows, in: context) }
        }
        return rows
    }

    func tell(_ rules: [Rule]) async throws {
        try await loop.run { [self] context in
            sequence.change { $0 += 1 }
            let pulse = Pulse(
                store: store.id, receiver: entry.receiver, epoch: epoch.value, sequence: sequence.value,
                position: store.position)
            sockets.value(in: context).feed.send(BusMessage.ruled(pulse, rules).frames())
        }
    }

    func pulse() async throws {
        try await loop.run { [self] context in announce([], in: context) }
    }

    /// As after a restart of the process, at the same address.
    func beginEpoch() {
        epoch.change { $0 += 1 }
        sequence.change { $0 = 0 }
    }

    func stop() async { await loop.shutdown(linger: .zero) }

    private func announce(_ rows: [Row], in context: LoopContext) {
        let pulse = Pulse(
            store: store.id, receiver: entry.receiver, epoch: epoch.value, sequence: sequence.value,
            position: store.position)
        let message = rows.isEmpty ? BusMessage.pulse(pulse) : .committed(pulse, rows)
        sockets.value(in: context).feed.send(message.frames())
    }

    private func received(_ frames: [[UInt8]], in context: LoopContext) {
        guard case .query(let request, let query, let wait)? = try? BusMessage.decode(frames.dropFirst()) else {
            return
        }
        asked.append((query: query, at: .now))
        waits.append(wait)
        let manners = manners.value
        if manners.isMute { return }
        var answer = store.answer(query)
        if let refusal = manners.refusal { answer = Answer(store: store.id, position: 0, body: .refused(refusal)) }
        context.after(.milliseconds(manners.delay)) { [sockets] in
            sockets.value(in: context).query.send([frames[0]] + BusMessage.answer(request, answer).frames())
        }
    }
}
