import Bus
import Dispatch
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TelehashWire
import TestSupport

@testable import ReceiverService

/// A pipeline on a thread of its own, which stands for the bus's.
final class PipelineRig: Sendable {
    /// What came out, in order: `<delivery> <outcome>`, `committed <rows>`, `idle`.
    let events = Mailbox<String>()
    private let thread = DispatchQueue(label: "rig")
    private let pipeline: Confined
    private let store: any Storing

    /// `@unchecked Sendable` because the pipeline is used on `thread` only.
    private final class Confined: @unchecked Sendable {
        var pipeline: Pipeline?
    }

    init(store: any Storing, admission: Admission = Fixture.admission()) {
        self.store = store
        let confined = Confined()
        let (events, thread) = (events, thread)
        pipeline = confined
        confined.pipeline = Pipeline(
            store: store, admission: admission,
            output: Pipeline.Output(
                settled: { settled in
                    for one in settled { events.append("\(one.parcel.delivery.id.value) \(one.outcome.word)") }
                },
                written: { result in
                    switch result.committed {
                    case .success(let committed): events.append("committed \(committed.rows.count)")
                    case .failure(let error): events.append("store failed: \(error.code.rawValue)")
                    }
                }),
            onThread: { body in thread.async { confined.pipeline.map(body) } })
    }

    func deliver(_ messages: [SignedMessage], from first: UInt64 = 1, source: Source = .client, waited: UInt32 = 0) {
        let deliveries = messages.enumerated().map {
            Delivery(id: DeliveryID(first + UInt64($0)), attempt: 1, waited: waited, source: source, message: $1)
        }
        thread.async { [pipeline] in
            pipeline.pipeline?.take(deliveries, on: ConnectionNumber(), now: Fixture.now)
        }
    }

    func close() {
        thread.async { [pipeline, events] in pipeline.pipeline?.close { events.append("idle") } }
    }

    /// The outcomes by delivery, once there are that many.
    func outcomes(_ count: Int) async throws -> [UInt64: String] {
        var outcomes: [UInt64: String] = [:]
        var next = 0
        while outcomes.count < count {
            guard let found = await events.first(from: next, within: .seconds(10)) else {
                throw NotInTime("\(count) outcomes; there are \(outcomes)")
            }
            next = found.index + 1
            let words = found.element.split(separator: " ", maxSplits: 1)
            if let number = UInt64(words[0]) { outcomes[number] = String(words[1]) }
        }
        return outcomes
    }

    /// Waits until the store was asked about so many messages, and then for the signatures of the last of them.
    func untilVerified(_ count: Int) async throws {
        guard let store = store as? ScriptedStore,
            await store.lookedUp.first(from: count - 1, within: .seconds(10)) != nil
        else {
            throw NotInTime("\(count) messages to be looked up")
        }
        // The check of the last signature follows the look-up on the same task, so it is the writer's queue that tells.
        try await eventually("all to wait for the writer", within: .seconds(10)) {
            await withCheckedContinuation { continuation in
                thread.async { [pipeline] in continuation.resume(returning: pipeline.pipeline?.waitingForWriter) }
            } == count - 1
        }
    }
}

extension Ack.Outcome {
    var word: String {
        switch self {
        case .stored: "stored"
        case .duplicate: "duplicate"
        case .refused(let refusal): refusal.code
        case .failed(let refusal): "failed " + refusal.code
        }
    }
}

/// A store in memory that can be told to wait and to fail.
final class ScriptedStore: Storing {
    /// The size of each batch, when its commit begins.
    let commitsBegun = Mailbox<Int>()
    /// Every message that was asked about.
    let lookedUp = Mailbox<MessageID>()

    private struct State {
        var ids: [MessageID] = []
        var isHeld = false
        var error: StoreError?
        var horizons: [NodeID: Int64] = [:]
        var blocked: Set<PublicKey> = []
    }

    private let state = Mutex(State())
    private let gate = DispatchSemaphore(value: 0)

    var messages: [MessageID] { state.withLock { $0.ids } }

    /// The next commit waits for ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        state.withLock { $0.isHeld = false }
        gate.signal()
    }

    func fail(with error: StoreError?) { state.withLock { $0.error = error } }

    func commit(_ batch: [Incoming]) throws(StoreError) -> Committed {
        commitsBegun.append(batch.count)
        if state.withLock({ $0.isHeld }) { gate.wait() }
        if let error = state.withLock({ $0.error }) { throw error }
        return state.withLock { state in
            var rows: [Row] = []
            var outcomes: [Ack.Outcome] = []
            for incoming in batch {
                let isNew = !state.ids.contains(incoming.message.id)
                outcomes.append(isNew ? .stored : .duplicate)
                guard isNew else { continue }
                state.ids.append(incoming.message.id)
                rows.append(
                    Row(
                        position: UInt64(state.ids.count),
                        stored: StoredMessage(
                            message: incoming.message, receivedAt: incoming.receivedAt, channel: "tweets")))
            }
            return Committed(rows: rows, outcomes: outcomes, position: UInt64(state.ids.count))
        }
    }

    func stored(among ids: [MessageID]) throws(StoreError) -> Set<MessageID> {
        for id in ids { lookedUp.append(id) }
        return Set(messages).intersection(ids)
    }

    func screening(of ids: [MessageID], by keys: Set<PublicKey>) throws(StoreError) -> Screening {
        var screening = Screening()
        screening.stored = try stored(among: ids)
        state.withLock { (screening.blocked, screening.horizons) = ($0.blocked.intersection(keys), $0.horizons) }
        return screening
    }

    func block(_ key: PublicKey) { state.withLock { _ = $0.blocked.insert(key) } }

    func setHorizon(of channel: Channel, to time: Int64) { state.withLock { $0.horizons[channel.end] = time } }

    func position() throws(StoreError) -> UInt64 { UInt64(messages.count) }
}
