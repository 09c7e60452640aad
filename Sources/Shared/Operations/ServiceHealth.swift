import ServiceRuntime
import Synchronization

/// What `/readyz` answers.
package enum Readiness: Hashable, Sendable {
    case ready
    /// Not now; the text says what is missing.
    case notReady(String)

    var hindrance: String? { if case .notReady(let why) = self { why } else { nil } }
}

/// What a service tells its supervisor, its health checker and its scraper.
///
/// *Alive* means that its own loop turns: a service that is not should be ended and started again. *Ready* means that it
/// can do its job now, which needs others: a restart would not help.
package final class ServiceHealth: Sendable {
    package typealias LivenessCheck = @Sendable () async -> Bool
    /// Says what is wrong with a service whose loop turns; nil: nothing.
    package typealias TroubleCheck = @Sendable () async -> String?
    package typealias ReadinessCheck = @Sendable () async -> Readiness

    let start: StartGate
    private let isStopping = Atomic(false)
    private let liveness: Question<Bool>
    private let trouble: Question<String?>
    private let readinessQuestion: Question<Readiness>

    /// - Parameters:
    ///   - start: opens when the service takes work.
    ///   - limit: how long an answer may take, a later one counts as none; nil: two seconds.
    ///   - isAlive: true as soon as the loop has come round; never, where it is stuck.
    ///   - trouble: what is wrong for so long that somebody should look, although the loop turns and a restart need not
    ///     help: `/livez` says it, the supervisor goes on being told that the service is alive.
    ///   - isReady: may ask other processes.
    package init(
        start: StartGate, limit: Duration? = nil, isAlive: @escaping LivenessCheck,
        trouble: @escaping TroubleCheck = { nil }, isReady: @escaping ReadinessCheck
    ) {
        let limit = limit ?? .seconds(Limits.healthSeconds)
        self.start = start
        liveness = Question(limit: limit, otherwise: false, isAlive)
        self.trouble = Question(limit: limit, otherwise: nil, trouble)
        readinessQuestion = Question(
            limit: limit, otherwise: .notReady("no answer within \(DurationText.describe(limit))"), isReady)
    }

    /// Whether the service's loop turns. A service that is still starting is alive.
    package func isAlive() async -> Bool {
        guard start.isOpen else { return true }
        return await liveness.answer()
    }

    /// What `/livez` complains about; nil: nothing.
    func complaint() async -> String? {
        guard start.isOpen else { return nil }
        guard await liveness.answer() else { return "the service's loop does not answer" }
        return await trouble.answer()
    }

    /// What `/readyz` says.
    package func readiness() async -> Readiness {
        guard start.isOpen else { return .notReady("starting") }
        // Whoever spreads the load should send no more.
        guard !isStopping.load(ordering: .relaxed) else { return .notReady("stopping") }
        return await readinessQuestion.answer()
    }

    func markStopping() { isStopping.store(true, ordering: .relaxed) }
}

/// Opens once: when a service takes work.
package final class StartGate: Sendable {
    private let opened = Atomic(false)
    private let (opening, whoOpens) = AsyncStream.makeStream(of: Void.self)

    package init() {}

    package var isOpen: Bool { opened.load(ordering: .acquiring) }

    /// Once more is harmless.
    @Sendable package func open() {
        opened.store(true, ordering: .releasing)
        whoOpens.finish()
    }

    /// Returns when it is open, or when the task is cancelled. One task can wait.
    func untilOpen() async {
        for await _ in opening {}
    }
}

/// A question that may never be answered. It is asked once at a time, so that a loop that is stuck does not collect
/// questions; who asks meanwhile waits for the same answer, each for no longer than the limit.
final class Question<Answer: Sendable>: Sendable {
    private struct State {
        var isAsked = false
        var waiters: [UInt64: CheckedContinuation<Answer, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let limit: Duration
    private let otherwise: Answer
    private let ask: @Sendable () async -> Answer
    private let state = Mutex(State())

    init(limit: Duration, otherwise: Answer, _ ask: @escaping @Sendable () async -> Answer) {
        self.limit = limit
        self.otherwise = otherwise
        self.ask = ask
    }

    func answer() async -> Answer {
        await withCheckedContinuation { continuation in
            let (id, mustAsk) = state.withLock { state in
                state.lastWaiter += 1
                state.waiters[state.lastWaiter] = continuation
                defer { state.isAsked = true }
                return (state.lastWaiter, !state.isAsked)
            }
            if mustAsk {
                Task {
                    let answer = await ask()
                    finish(with: answer)
                }
            }
            Task {
                try? await Task.sleep(for: limit)
                giveUp(id)
            }
        }
    }

    private func finish(with answer: Answer) {
        let waiters = state.withLock { state in
            state.isAsked = false
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: answer) }
    }

    private func giveUp(_ id: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: otherwise)
    }
}
