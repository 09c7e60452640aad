import Bus
import ZeroMQ

/// One receiver: its connection, and what is known of its manners.
final class ReceiverMember {
    let entry: Directory.Entry
    /// Who came first, for taking turns.
    let order: UInt64
    private let context: LoopContext
    private let curve: Curve?
    private let trustsStore: Bool
    private var link: Link?
    private var failures = 0
    private var restsUntil: ContinuousClock.Instant?
    private var latencies: [Duration] = []
    private var nextLatency = 0

    init(_ entry: Directory.Entry, order: UInt64, curve: Curve?, trustsStore: Bool, context: LoopContext) {
        self.entry = entry
        self.order = order
        self.curve = curve
        self.trustsStore = trustsStore
        self.context = context
    }

    var id: ReceiverID { entry.receiver }
    var isConnected: Bool { link?.connection == .up }
    var unknownReplies: UInt64 { link?.unknownReplies ?? 0 }
    var unreadable: UInt64 { link?.unreadable ?? 0 }

    func rests(now: ContinuousClock.Instant) -> Bool { restsUntil.map { now < $0 } ?? false }

    /// What its store is to the one who asks; the earlier is the better.
    enum Standing: Comparable { case home, other, behind }

    /// Smaller is better: somebody new first, those that rest last, then the best connected, then those of the best store,
    /// then by turns.
    func rank(
        tried: [ReceiverID: Int], standing: Standing, now: ContinuousClock.Instant, turn: Int
    ) -> Rank {
        // Whoever was never asked gets its chance; connecting takes a millisecond where somebody is there.
        let connection = link?.connection ?? .up
        return Rank(
            tried: tried[id] ?? 0, rests: rests(now: now), connection: connection, standing: standing, turn: turn)
    }

    struct Rank: Comparable {
        let tried: Int
        let rests: Bool
        let connection: Link.Connection
        let standing: Standing
        let turn: Int

        static func < (left: Rank, right: Rank) -> Bool {
            if left.tried != right.tried { return left.tried < right.tried }
            if left.rests != right.rests { return right.rests }
            if left.connection != right.connection { return left.connection < right.connection }
            if left.standing != right.standing { return left.standing < right.standing }
            return left.turn < right.turn
        }
    }

    /// Sends a query or a control once; it fails with the connection.
    func ask(
        _ message: BusMessage, as id: RequestID, deadline: ContinuousClock.Instant,
        finish: @escaping Completion<BusMessage>
    ) {
        do throws(ZeroMQError) {
            if link == nil { link = try makeLink() }
        } catch {
            return finish(.failure(BusError(error)))
        }
        link?.start(id, Link.Request(deadline: deadline, repeats: false, message: { _ in message }, finish: finish))
    }

    func forget(_ id: RequestID) { link?.cancel(id) }

    func succeeded(after latency: Duration) {
        failures = 0
        restsUntil = nil
        if latencies.count < BusClientLimits.latencySamples {
            latencies.append(latency)
        } else {
            latencies[nextLatency] = latency
            nextLatency = (nextLatency + 1) % latencies.count
        }
    }

    /// After its rest one more failure is enough for the next one.
    func failed(now: ContinuousClock.Instant) {
        failures += 1
        if failures >= BusClientLimits.failuresToRest { restsUntil = now + BusClientLimits.rest }
    }

    /// When its answer is later than usual.
    var hedgeDelay: Duration {
        guard latencies.count >= 8 else { return BusClientLimits.earliestHedge }
        let percentile = latencies.sorted()[latencies.count * 95 / 100]
        return max(BusClientLimits.earliestHedge, min(percentile, BusClientLimits.queryTry))
    }

    func close() {
        link?.close(BusError(.noReceiver, "the receiver at \(entry.queryEndpoint) is gone"))
        link = nil
    }

    private func makeLink() throws(ZeroMQError) -> Link {
        try Link(
            to: entry.queryEndpoint, peer: "the receiver at \(entry.queryEndpoint)", absence: .noReceiver,
            curve: curve, trustsStore: trustsStore, context: context)
    }
}
