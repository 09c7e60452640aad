import Bus
import Dispatch
import Logging
import Messages
import ReceiverStore
import ServiceRuntime
import Synchronization

/// What a receiver does with its open store beside the bus's thread.
struct Household: Sendable {
    let receiver: ReceiverID
    let store: any Store
    let retention: Retention
    let admission: Admission
    let board = NoticeBoard()
    let copies = Copies()
    let counters: Counters
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    /// Gets what was new, to be announced like everything else.
    let announce: @Sendable (Committed) -> Void
    /// Gets rules that hold from now on, for those who show what they are about.
    let tell: @Sendable ([Rule]) -> Void
    let tidying = WorkQueue("receiver.house")
    let early = WorkQueue("receiver.early")
    let intake = WorkQueue("receiver.intake")
    let replicas = WorkQueue("receiver.replicas")
    let copying = WorkQueue("receiver.copies")
    private let controls = WorkQueue("receiver.controls")
    private let trouble = ReadTrouble()

    func answer(_ query: Query, until deadline: ContinuousClock.Instant) async -> Answer {
        let answer = await store.answer(query, until: deadline).with(board.notices)
        if case .refused(let refusal) = answer.body {
            switch refusal {
            // An answer, too.
            case .hidden: break
            case .searchTooBroad: counters.add("searches_too_broad")
            case .outdated: counters.add(query.isSearch ? "searches_outdated" : "queries_outdated")
            default: counters.add("queries_failed")
            }
        }
        trouble.note(answer.body, logger)
        return answer
    }

    /// Carries out what an operator asks of this store.
    func answer(_ control: Control) async -> Answer {
        do throws(StoreError) {
            return Answer(store: store.id, position: try await store.position(), body: try await carryOut(control))
        } catch {
            return Answer(store: store.id, position: 0, body: .refused(Refusal(error)))
        }
    }

    private func carryOut(_ control: Control) async throws(StoreError) -> Answer.Body {
        switch control {
        case .set(let rule):
            let changed = try await controls.run { try store.set(rule) }
            tellReaders([rule])
            logger.notice(
                "a rule was set",
                metadata: ["kind": "\(rule.kind)", "active": "\(rule.isActive)", "messages": "\(changed)"])
            return .done(UInt64(changed))
        case .store(let messages):
            return .imported(try await take(messages).counts)
        case .copy(let step):
            return try await carryOut(step)
        }
    }

    /// Takes those of another store's rules that are news.
    ///
    /// - Returns: how many these were.
    func adopt(_ rules: [Rule]) async throws(StoreError) -> Int {
        let adopted = try await replicas.run { try store.adopt(rules) }
        tellReaders(adopted)
        return adopted.count
    }

    /// Who is known is no reader's business, and changes nothing of what is shown.
    private func tellReaders(_ rules: [Rule]) {
        let shown = rules.filter { $0.kind != .known }
        if !shown.isEmpty { tell(shown) }
    }

    /// The router has told what this node takes. The names go into the store, beside the thread of the bus.
    @Sendable func adopt(_ all: [Channel]) {
        logger.notice(
            "taking the channels of this node", metadata: ["channels": "\(all.map(\.name).joined(separator: ","))"])
        Task {
            do {
                try await WorkQueue("receiver.channels").run { try store.name(all) }
                admission.channels.advance()
            } catch {
                logger.error("the names of channels could not be kept", metadata: ["because": "\(error)"])
            }
        }
    }
}

/// What this receiver has to tell its operator, read by queries.
final class NoticeBoard: Sendable {
    private let held = Mutex<(store: Notice?, clock: [Notice], isSparingTold: Bool)>((nil, [], false))

    var notices: [Notice] { held.withLock { [$0.store].compactMap(\.self) + $0.clock } }

    /// Whether the log has what an upgrade spares for a day.
    var isSparingTold: Bool {
        get { held.withLock { $0.isSparingTold } }
        set { held.withLock { $0.isSparingTold = newValue } }
    }

    /// Why nothing can be stored just now.
    var store: Notice? {
        get { held.withLock { $0.store } }
        set { held.withLock { $0.store = newValue } }
    }

    var clock: [Notice] {
        get { held.withLock { $0.clock } }
        set { held.withLock { $0.clock = newValue } }
    }
}

/// Tells once when the store cannot be read, and once when it can again, however many queries meet it.
final class ReadTrouble: Sendable {
    private let reported = Mutex<String?>(nil)

    func note(_ body: Answer.Body, _ logger: Logger) {
        // The others are about the question.
        let refusal: Refusal? =
            if case .refused(let refusal) = body, refusal.code.hasPrefix("store_") { refusal } else { nil }
        let isNew = reported.withLock { code in
            defer { code = refusal?.code }
            return code != refusal?.code
        }
        guard isNew else { return }
        if let refusal {
            logger.error("cannot read the store", metadata: ["code": "\(refusal.code)", "because": "\(refusal.text)"])
        } else {
            logger.notice("the store can be read again")
        }
    }
}

/// Runs what waits for the store, one after the other, on a thread that no task needs.
struct WorkQueue: Sendable {
    private let queue: DispatchQueue

    init(_ label: String) { queue = DispatchQueue(label: label, qos: .utility) }

    /// - Parameter body: throws ``StoreError`` and nothing else.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { done in
            queue.async { done.resume(returning: Result(catching: body)) }
        }
        return try result.mapError { $0 as? StoreError ?? StoreError(.failed, "\($0)") }.get()
    }
}
