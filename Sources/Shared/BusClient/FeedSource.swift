import Bus
import ZeroMQ

/// The feed of one receiver.
final class FeedSource {
    enum News {
        /// Nothing was heard of this receiver before.
        case first
        /// In order.
        case expected
        /// Something was announced that didn't arrive here.
        case gap
        /// Nothing new.
        case old
    }

    let entry: Directory.Entry
    private(set) var heard = ContinuousClock.now
    private let context: LoopContext
    private let curve: Curve?
    private let receive: (FeedSource, [[UInt8]]) -> Void
    private var socket: Socket?
    private var epoch: UInt64?
    private var sequence: UInt64 = 0

    init(
        _ entry: Directory.Entry, curve: Curve?, context: LoopContext,
        receive: @escaping (FeedSource, [[UInt8]]) -> Void
    ) throws(ZeroMQError) {
        self.entry = entry
        self.curve = curve
        self.context = context
        self.receive = receive
        try open()
    }

    deinit { socket?.close() }

    /// A new connection: whatever was wrong with the old one.
    func reopen() {
        close()
        heard = .now
        try? open()
    }

    func close() {
        socket?.close()
        socket = nil
    }

    /// Whether the pulse follows what was heard last.
    func follow(_ pulse: Pulse, isCommit: Bool) -> News {
        heard = .now
        defer {
            epoch = pulse.epoch
            sequence = pulse.sequence
        }
        guard let epoch else { return .first }
        guard epoch == pulse.epoch else { return .gap }
        let (expected, overflow) = sequence.addingReportingOverflow(isCommit ? 1 : 0)
        if overflow || pulse.sequence > expected { return .gap }
        return pulse.sequence == expected ? .expected : .old
    }

    private func open() throws(ZeroMQError) {
        let socket = try context.socket(.sub, .bus(curve))
        self.socket = socket
        try socket.subscribe(to: BusMessage.topic)
        try socket.connect(entry.feedEndpoint)
        socket.onReceive = { [weak self] frames in
            guard let self else { return }
            receive(self, frames)
        }
    }
}
