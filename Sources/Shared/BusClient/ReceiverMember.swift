import Bus
import ZeroMQ

/// One receiver: its connection, and what is known of its manners.
final class ReceiverMember {
    let entry: Directory.Entry
    /// Who came first, for taking turns.
    let order: UInt64
    private unowned let pool: ReceiverPool
    private var link: Link?
    private var failures = 0
    private var restsUntil: ContinuousClock.Instant?
    private var latencies: [Duration] = []
    private var nextLatency = 0

    init(_ entry: Directory.Entry, order: UInt64, pool: ReceiverPool) {
        self.entry = entry
        self.order = order
        self.pool = pool
    }

    var id: ReceiverID { entry.receiver }
    /// For error messages.
    var name: String { "the receiver at \(entry.queryEndpoint)" }
    var isConnected: Bool { link?.connection == .up }

    func rests(now: ContinuousClock.Instant) -> Bool { restsUntil.map { now < $0 } ?? false }

    /// What its store is to the one who asks; the earlier is the better.
    enum Standing: Comparable { case home, other, behind }

    /// Smaller is better: somebody new first, those that rest last, then the best connected, then those of the best store,
    /// then by turns.
    typealias Rank = (tried: Int, rests: Int, connection: Link.Connection, standing: Standing, turn: Int)

    func rank(tried: [ReceiverID: Int], standing: Standing, now: ContinuousClock.Instant, turn: Int) -> Rank {
        // A receiver that was never asked gets its chance; connecting takes a millisecond where somebody is there.
        (tried[id] ?? 0, rests(now: now) ? 1 : 0, link?.connection ?? .up, standing, turn)
    }

    /// Sends a query or a control once; it fails with the connection.
    ///
    /// - Parameter message: made when it is sent, with the time that is left.
    func ask(
        _ message: @escaping (Duration) -> BusMessage, as id: RequestID, deadline: ContinuousClock.Instant,
        finish: @escaping Completion<Answer>
    ) {
        do throws(ZeroMQError) {
            if link == nil {
                link = try Link(
                    to: entry.queryEndpoint, peer: name, absence: .noReceiver, curve: pool.curve(to: entry),
                    trustsStore: pool.trustsStores, counters: pool.counters, context: pool.context)
            }
        } catch {
            return finish(.failure(BusError(error)))
        }
        link?.ask(
            id, deadline: deadline, repeats: false, message: message,
            read: { if case .answer(_, let answer) = $0 { answer } else { nil } }, finish: finish)
    }

    func forget(_ id: RequestID) { link?.cancel(id) }

    /// - Parameter latency: nil: of a kind that does not count.
    func succeeded(after latency: Duration?) {
        failures = 0
        restsUntil = nil
        guard let latency else { return }
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
        link?.close(BusError(.noReceiver, "\(name) is gone"))
        link = nil
    }
}
