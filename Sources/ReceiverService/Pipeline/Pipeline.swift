import Bus
import Messages
import ReceiverStore

/// The way of a delivery: cheap checks, signature, transaction, and back.
///
/// It belongs to the bus's thread, except for what runs between ``Verifier`` and ``Writer``, which comes back through
/// `onThread`.
final class Pipeline {
    /// What comes out, on the bus's thread.
    struct Output {
        /// To be acknowledged now; everything that is `stored` is durable.
        var settled: ([Settled]) -> Void
        /// To be announced, after its messages were acknowledged.
        var committed: (Committed) -> Void
        var storeFailed: (StoreError) -> Void
    }

    /// Brings results of other threads to the bus's thread.
    typealias Return = @Sendable (@escaping @Sendable (Pipeline) -> Void) -> Void

    private var intake: Intake
    private let verifier: Verifier
    private let writer: Writer
    private let output: Output
    private let onThread: Return
    /// What came in this turn of the bus's thread.
    private var gathered: [Parcel] = []
    private var isClosed = false
    private var whenIdle: (() -> Void)?

    init(
        store: any Storing, channels: KeptChannels, refuses2011: Bool, policy: Policy, clocks: ClockWatch,
        output: Output,
        onThread: @escaping Return
    ) {
        intake = Intake(channels: channels, refuses2011: refuses2011, policy: policy, clocks: clocks)
        self.output = output
        self.onThread = onThread
        let writer = Writer(store: store, clocks: clocks) { result in onThread { $0.finish(result) } }
        self.writer = writer
        verifier = Verifier(store: store, writer: writer, policy: policy) { settled in onThread { $0.settle(settled) } }
    }

    /// Deliveries that are not settled.
    var underWay: Int { intake.underWay }

    /// Messages that wait for a transaction.
    var waitingForWriter: Int { writer.waiting }

    /// Takes deliveries from the router.
    ///
    /// - Parameter now: this receiver's clock, milliseconds since 1970.
    /// - Returns: false when the pipeline was closed and nothing was taken.
    @discardableResult
    func take(_ deliveries: [Delivery], on connection: ConnectionNumber, now: Int64) -> Bool {
        guard !isClosed else { return false }
        var clear: [Settled] = []
        let isFirst = gathered.isEmpty
        for delivery in deliveries {
            switch intake.check(delivery.message, from: delivery.source, now: now) {
            case .clear(let outcome):
                clear.append(
                    Settled(
                        delivery: delivery.id, connection: connection, message: delivery.message.id, outcome: outcome))
            case .goesOn(let isEarly):
                gathered.append(
                    Parcel(
                        delivery: delivery.id, connection: connection, message: delivery.message,
                        source: delivery.source, receivedAt: now, isEarly: isEarly))
            }
        }
        if !clear.isEmpty { output.settled(clear) }
        // Everything that the thread reads in this turn is verified together; the job runs right after it.
        if isFirst, !gathered.isEmpty { onThread { $0.verifyGathered() } }
        return true
    }

    private func verifyGathered() {
        verifier.verify(gathered)
        gathered = []
    }

    /// Takes nothing more, and calls the body when what is under way is settled.
    func close(whenIdle body: @escaping () -> Void) {
        isClosed = true
        whenIdle = body
        checkIdle()
    }

    private func settle(_ settled: [Settled]) {
        for one in settled { intake.settle(one) }
        output.settled(settled)
        checkIdle()
    }

    private func finish(_ result: Writer.Result) {
        for one in result.settled { intake.settle(one) }
        output.settled(result.settled)
        if let committed = result.committed { output.committed(committed) }
        if let error = result.error { output.storeFailed(error) }
        checkIdle()
    }

    private func checkIdle() {
        guard isClosed, intake.underWay == 0, let body = whenIdle else { return }
        whenIdle = nil
        body()
    }
}
