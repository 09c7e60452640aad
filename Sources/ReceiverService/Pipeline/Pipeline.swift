import Bus
import Messages
import ReceiverStore

/// One delivery on its way through the pipeline.
struct Parcel: Sendable {
    let delivery: Delivery
    /// The connection to the router that it came on; its ack goes back there or nowhere.
    let connection: ConnectionNumber
    /// This receiver's clock when it came, milliseconds since 1970.
    let receivedAt: Int64
    /// It comes from the mesh and is dated too far ahead: kept aside, and acknowledged as refused.
    var isEarly = false
    var toll = Toll()

    var message: SignedMessage { delivery.message }
}

/// What became of a delivery.
struct Settled: Sendable {
    let parcel: Parcel
    let outcome: Ack.Outcome
}

/// Counts the connections to the router in one run of the receiver.
typealias ConnectionNumber = UInt64

/// The way of a delivery: cheap checks, signature, transaction, and back.
///
/// It belongs to the bus's thread, except for what runs between ``Verifier`` and ``Writer``, which comes back through
/// `onThread`.
final class Pipeline {
    /// What comes out, on the bus's thread.
    struct Output {
        /// To be acknowledged now; everything that is `stored` is durable.
        var settled: ([Settled]) -> Void
        /// What a transaction did, after its messages were acknowledged.
        var written: (Writer.Result) -> Void
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

    init(store: any Storing, admission: Admission, output: Output, onThread: @escaping Return) {
        intake = Intake(admission)
        self.output = output
        self.onThread = onThread
        let writer = Writer(store: store, admission: admission) { result in
            onThread { $0.settle(result.settled, by: result) }
        }
        self.writer = writer
        verifier = Verifier(store: store, writer: writer, admission: admission) { settled in
            onThread { $0.settle(settled) }
        }
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
            var parcel = Parcel(delivery: delivery, connection: connection, receivedAt: now)
            let waited = Duration.milliseconds(delivery.waited)
            switch intake.check(delivery.message, from: delivery.source, waited: waited, now: now) {
            case .clear(let outcome): clear.append(Settled(parcel: parcel, outcome: outcome))
            case .goesOn(let isEarly, let toll):
                parcel.isEarly = isEarly
                parcel.toll = toll
                gathered.append(parcel)
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

    private func settle(_ settled: [Settled], by result: Writer.Result? = nil) {
        for one in settled { intake.settle(one) }
        output.settled(settled)
        if let result { output.written(result) }
        checkIdle()
    }

    private func checkIdle() {
        guard isClosed, intake.underWay == 0, let body = whenIdle else { return }
        whenIdle = nil
        body()
    }
}
