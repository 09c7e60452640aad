import Bus
import BusSecurity
import ReceiverStore
import ZeroMQ

/// Announces what was committed, and where the feed stands, to whoever subscribes.
///
/// Nobody waits for a subscriber. One that is too slow, or that was away, sees from sequence and position that it missed
/// something, and asks the store.
final class Feed {
    let socket: Socket
    private let store: StoreID
    private let receiver: ReceiverID
    private let epoch: UInt64
    private var sequence: UInt64 = 0
    private(set) var position: UInt64

    /// - Parameters:
    ///   - curve: needed for `tcp://`.
    ///   - members: who may listen over `ipc://` beside this user.
    ///   - epoch: another number at each start.
    ///   - position: the newest in the store.
    init(
        at endpoint: String, curve: Curve?, members: BusMembers?, hello: Hello, epoch: UInt64, position: UInt64,
        in context: LoopContext
    ) throws(ZeroMQError) {
        store = hello.store
        receiver = hello.receiver
        self.epoch = epoch
        self.position = position
        var options = SocketOptions()
        options.sendHighWater = Limits.feedHighWater
        options.curve = curve
        members?.apply(to: &options)
        socket = try context.socket(.pub, options)
        try socket.bind(endpoint)
    }

    func announce(_ committed: Committed) {
        var rest = committed.rows[...]
        while let last = rest.prefix(Limits.feedRows).last {
            sequence += 1
            position = max(position, last.position)
            socket.send(BusMessage.committed(pulse, Array(rest.prefix(Limits.feedRows))).frames())
            rest = rest.dropFirst(Limits.feedRows)
        }
    }

    func announce(_ rules: [Rule]) {
        var rest = rules[...]
        while !rest.isEmpty {
            sequence += 1
            socket.send(BusMessage.ruled(pulse, Array(rest.prefix(Limits.feedRows))).frames())
            rest = rest.dropFirst(Limits.feedRows)
        }
    }

    /// Says where the feed stands.
    ///
    /// - Parameter position: the newest in the store; other receivers of it may have moved it.
    func beat(position: UInt64) {
        self.position = max(self.position, position)
        socket.send(BusMessage.pulse(pulse).frames())
    }

    private var pulse: Pulse {
        Pulse(store: store, receiver: receiver, epoch: epoch, sequence: sequence, position: position)
    }
}
