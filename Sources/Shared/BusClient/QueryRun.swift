import Bus
import ZeroMQ

/// One question on its way: up to three receivers are asked, the first answer wins.
///
/// The next one is asked when a try has failed or taken 300 ms, and once earlier, when the first takes longer than it
/// usually does. Until the deadline an answer to any of the tries is welcome.
///
/// Nobody gets a second copy who may be working on the first: it would do the work twice. What takes a receiver long by
/// its nature, a search, is with nobody else while that receiver is there.
final class QueryRun {
    private struct Try {
        let id: RequestID
        let member: ReceiverMember
        let started: ContinuousClock.Instant
        var timer: LoopTimer?
        /// Late, failed or refused: it was counted, and somebody else was asked.
        var isOver = false
        /// It won't answer any more.
        var isDead = false
    }

    private(set) var isFinished = false
    private let query: Query
    private let store: StoreID?
    private let started = ContinuousClock.now
    private let deadline: ContinuousClock.Instant
    private unowned let pool: ReceiverPool
    private let done: (QueryRun, Result<Answer, BusError>) -> Void
    private var tries: [Try] = []
    private var tried: [ReceiverID: Int] = [:]
    private var timers: [LoopTimer] = []
    private var refused: Answer?
    private var error: BusError?

    init(
        _ query: Query, of store: StoreID?, timeout: Duration, pool: ReceiverPool,
        done: @escaping (QueryRun, Result<Answer, BusError>) -> Void
    ) {
        self.query = query
        self.store = store
        self.pool = pool
        self.done = done
        deadline = started + timeout
    }

    func begin() {
        let left = ContinuousClock.now.duration(to: deadline)
        timers.append(pool.context.after(left) { [weak self] in self?.timeIsUp() })
        timers.append(
            pool.context.every(BusClientLimits.directoryRetry) { [weak self] in self?.lookForReceivers() })
        ask()
    }

    /// The directory has news.
    func receiversChanged() {
        guard !isFinished, tries.allSatisfy(\.isOver) else { return }
        // Somebody new may be asked beyond the limit: this happens at most once for each.
        let before = tries.count
        ask(onlyNew: true, limit: .max)
        guard tries.count == before, tries.allSatisfy(\.isDead) else { return }
        if ContinuousClock.now - started >= BusClientLimits.receiverGrace { finish(.failure(error ?? .noReceiver)) }
    }

    func finish(_ result: Result<Answer, BusError>) {
        guard !isFinished else { return }
        isFinished = true
        for timer in timers { timer.cancel() }
        for attempt in tries {
            attempt.timer?.cancel()
            attempt.member.forget(attempt.id)
        }
        done(self, result)
    }

    /// Nobody is being asked: perhaps somebody has come.
    private func lookForReceivers() {
        if tries.allSatisfy(\.isOver) { pool.renewDirectory(olderThan: .zero) }
    }

    private func ask(onlyNew: Bool = false, limit: Int = BusClientLimits.queryTries) {
        guard tries.count < limit, let member = pool.choose(of: store, tried: tried) else { return }
        if onlyNew, tried[member.id] != nil { return }
        guard !tries.contains(where: { $0.member === member && !$0.isDead }) else { return }
        tried[member.id, default: 0] += 1
        let id = pool.ids.next()
        let index = tries.count
        tries.append(Try(id: id, member: member, started: .now))
        tries[index].timer = pool.context.after(BusClientLimits.queryTry) { [weak self] in self?.tookTooLong(index) }
        if index == 0 {
            timers.append(pool.context.after(member.hedgeDelay) { [weak self] in self?.hedge() })
        }
        let message = { [query] (left: Duration) in
            BusMessage.query(id, query, waitMilliseconds: left.queryMilliseconds)
        }
        member.ask(message, as: id, deadline: deadline) { [weak self] result in self?.received(result, index) }
    }

    /// A second copy, if there is somebody who isn't busy resting, and whose store is up to date.
    private func hedge() {
        guard !isFinished, tries.count == 1, !tries[0].isOver, !isSearching(0),
            let other = pool.choose(of: store, tried: tried), tried[other.id] == nil, !other.rests(now: .now),
            !pool.isBehind(other.entry.store)
        else { return }
        pool.counters.now.hedges += 1
        ask()
    }

    private func tookTooLong(_ index: Int) {
        guard !isFinished, !tries[index].isOver, !isSearching(index) else { return }
        over(index, isFailure: true)
    }

    /// Whether a receiver that is there looks for words: how long that takes says nothing of the receiver.
    private func isSearching(_ index: Int) -> Bool { query.isSearch && tries[index].member.isConnected }

    private func received(_ result: Result<Answer, BusError>, _ index: Int) {
        guard !isFinished else { return }
        switch result {
        case .success(let answer):
            if case .refused(let refusal) = answer.body {
                refused = answer
                // It would take the others as long.
                if refusal.code == Refusal.searchTooBroad.code { return finish(.success(answer)) }
                dead(index, isFailure: false)
            } else {
                succeeded(index, answer)
            }
        case .failure(let failure):
            error = failure
            dead(index, isFailure: true)
        }
    }

    private func succeeded(_ index: Int, _ answer: Answer) {
        let now = ContinuousClock.now
        tries[index].member.succeeded(after: query.isSearch ? nil : now - tries[index].started)
        // Whoever was asked before and is still silent would have been too late.
        for earlier in tries[..<index] where !earlier.isOver { earlier.member.failed(now: now) }
        if store == nil { pool.answered(by: answer.store) }
        finish(.success(answer))
    }

    /// No answer will come from this try. A refusal is not asked for twice, and when nobody is left who could answer,
    /// it is the result; while nobody is there at all, somebody may still come.
    private func dead(_ index: Int, isFailure: Bool) {
        tries[index].isDead = true
        over(index, isFailure: isFailure && !tries[index].isOver, onlyNew: !isFailure)
        guard !isFinished, tries.allSatisfy(\.isDead), refused != nil || error?.code != .noReceiver else { return }
        finishWithFailure()
    }

    private func over(_ index: Int, isFailure: Bool, onlyNew: Bool = false) {
        if isFailure { tries[index].member.failed(now: .now) }
        guard !tries[index].isOver else { return }
        tries[index].isOver = true
        tries[index].timer?.cancel()
        let before = tries.count
        ask(onlyNew: onlyNew)
        if tries.count > before { pool.counters.now.failovers += 1 }
    }

    private func timeIsUp() {
        guard !isFinished else { return }
        // Those that were asked and are silent; a try that was late was counted then.
        for index in tries.indices where !tries[index].isOver && !isSearching(index) {
            tries[index].member.failed(now: .now)
        }
        finishWithFailure()
    }

    private func finishWithFailure() {
        if let refused { return finish(.success(refused)) }
        if let error { return finish(.failure(error)) }
        guard let last = tries.last else {
            let isAlone = pool.answered.map { $0 < started } ?? true
            return finish(.failure(isAlone ? pool.routerSilence : .noReceiver))
        }
        let endpoint = last.member.entry.queryEndpoint
        finish(.failure(BusError(.timedOut, "no receiver answered in time; the last one asked was \(endpoint)")))
    }
}

extension Duration {
    /// As a query says how long its sender waits.
    fileprivate var queryMilliseconds: UInt32 { UInt32(max(0, min(self / .milliseconds(1), 4e9))) }
}
