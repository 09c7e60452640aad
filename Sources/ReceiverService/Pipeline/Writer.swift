import Bus
import Dispatch
import Messages
import ReceiverStore
import Synchronization

/// Group commit: one transaction at a time, with everything that waits when it begins.
///
/// A message alone is committed at once. While other messages are in the check of their signatures, it waits for them,
/// up to ``Limits/groupMessages`` and ``Limits/groupWait``: a transaction of one writes and syncs as many pages as one of
/// ten, and under load the processor time that it costs is taken from the signatures.
final class Writer: Sendable {
    /// What a transaction did, and how long it took.
    struct Result: Sendable {
        let settled: [Settled]
        let committed: Swift.Result<Committed, StoreError>
        let time: Duration
    }

    private struct State {
        var waiting: [Parcel] = []
        /// When the first of these began to wait.
        var since: ContinuousClock.Instant?
        /// Messages that are announced and neither accepted nor refused yet.
        var expected = 0
        var isRunning = false

        func isDue(now: () -> ContinuousClock.Instant) -> Bool {
            guard let since else { return false }
            // Whenever nothing is due, something is expected: its end is the next look at this.
            return expected == 0 || waiting.count >= Limits.groupMessages
                || since.duration(to: now()) >= Limits.groupWait
        }

        mutating func take() -> [Parcel] {
            let batch = Array(waiting.prefix(Limits.commitBatch))
            waiting.removeFirst(batch.count)
            if waiting.isEmpty { since = nil }
            return batch
        }
    }

    private let store: any Storing
    private let admission: Admission
    private let report: @Sendable (Result) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())
    // A queue of its own: a transaction waits for the disk, which a task must not do.
    private let queue = DispatchQueue(label: "receiver.writer", qos: .userInitiated)

    /// - Parameter report: called after each transaction, when it is durable or has failed.
    init(
        store: any Storing, admission: Admission, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        report: @escaping @Sendable (Result) -> Void
    ) {
        self.store = store
        self.admission = admission
        self.now = now
        self.report = report
    }

    /// Messages that wait for a transaction.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Announces messages whose signatures are going to be checked.
    func expect(_ count: Int) {
        state.withLock { $0.expected += count }
    }

    /// Takes what was accepted of so many announced messages.
    func write(_ parcels: [Parcel], of count: Int) {
        let mustStart = state.withLock { state in
            state.expected -= count
            if !parcels.isEmpty, state.since == nil { state.since = now() }
            state.waiting += parcels
            guard !state.isRunning, state.isDue(now: now) else { return false }
            state.isRunning = true
            return true
        }
        if mustStart { queue.async { [self] in run() } }
    }

    private func run() {
        while let batch = nextBatch() { report(commit(batch)) }
    }

    private func nextBatch() -> [Parcel]? {
        state.withLock { state in
            guard state.isDue(now: now) else {
                state.isRunning = false
                return nil
            }
            return state.take()
        }
    }

    private func commit(_ batch: [Parcel]) -> Result {
        let start = ContinuousClock.now
        let committed = Swift.Result { () throws(StoreError) in
            try store.commit(
                batch.map {
                    Incoming(
                        message: $0.message, receivedAt: $0.receivedAt, isEarly: $0.isEarly,
                        isOwn: $0.delivery.source == .client)
                })
        }
        let time = start.duration(to: .now)
        let settled: [Settled]
        switch committed {
        case .success(let committed):
            settled = zip(batch, committed.outcomes).map { Settled(parcel: $0, outcome: $1) }
        case .failure(let error):
            settled = batch.map { Settled(parcel: $0, outcome: .failed(Refusal(error))) }
        }
        for one in settled { conclude(one) }
        return Result(settled: settled, committed: committed, time: time)
    }

    private func conclude(_ settled: Settled) {
        let parcel = settled.parcel
        if settled.outcome == .stored {
            admission.noteStored(parcel.message, from: parcel.delivery.source, now: parcel.receivedAt)
        } else if settled.outcome != .refused(.keyBlocked) {
            admission.rates.giveBack(parcel.toll)
        }
    }
}
