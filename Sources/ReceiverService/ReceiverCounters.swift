import Bus
import ServiceRuntime
import ZeroMQ

/// The receiver's numbers that change with every message, looked up once.
struct ReceiverCounters: Sendable {
    let delivered: Counter
    let stored: Counter
    let duplicates: Counter
    let commits: Counter
    let failedCommits: Counter
    let whileStopping: Counter
    let position: Gauge
    let underWay: Gauge
    let waitingForWriter: Gauge
    private let all: Counters

    init(_ counters: Counters) {
        all = counters
        delivered = counters.counter("deliveries")
        stored = counters.counter("messages_stored")
        duplicates = counters.counter("messages_duplicate")
        commits = counters.counter("commits")
        failedCommits = counters.counter("commits_failed")
        whileStopping = counters.counter("deliveries_while_stopping")
        position = counters.gauge("store_position")
        underWay = counters.gauge("deliveries_under_way")
        waitingForWriter = counters.gauge("messages_waiting_for_writer")
    }

    /// The connections to our own sockets.
    func count(_ connections: SocketCounters) {
        all.replaceTotals([
            "handshakes_failed": connections.handshakesFailed, "keys_refused": connections.keysRefused,
            "accepts_failed": connections.acceptsFailed, "listening_pauses": connections.pauses,
            RefusedConnections.counterName: RefusedConnections.count,
        ])
    }

    /// Refusals are counted by their reasons: there are few, and they are ours.
    func count(_ settled: [Settled]) {
        for one in settled {
            switch one.outcome {
            case .stored: stored.add()
            case .duplicate: duplicates.add()
            case .refused(let refusal): all.add("messages_refused_" + refusal.code)
            case .failed(let refusal): all.add("messages_failed_" + refusal.code)
            }
        }
    }
}
