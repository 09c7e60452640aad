import CZeroMQ

/// What became of a message that was to be sent.
package enum SendResult: Sendable, Hashable {
    /// libzmq has it. That says nothing about the other side.
    case sent
    /// The queue is full, or (dealer, push) nobody is connected. Nothing was sent; try again later.
    case wouldBlock
    /// Router: no peer of this routing id is connected. Nothing was sent.
    case unreachable
}

/// What a socket has seen, since it was made.
package struct SocketCounters: Sendable, Hashable {
    package var sent: UInt64 = 0
    package var received: UInt64 = 0
    /// Messages that `send` didn't take because of a full queue or because nobody is connected.
    package var wouldBlock: UInt64 = 0
    /// Messages to a routing id that nobody has.
    package var unreachable: UInt64 = 0
    /// Messages dropped because they had more than `maxFrames` frames.
    package var tooManyFrames: UInt64 = 0
    // The following are counted for sockets that bind, and for those with `observeConnections`.

    /// Connections that ended before they introduced themselves properly; refused keys are not among them.
    package var handshakesFailed: UInt64 = 0
    /// Connections that ended because a key is not allowed: the peer's here or, for a socket that connects, ours there.
    package var keysRefused: UInt64 = 0
    /// Connections that introduced themselves.
    package var connected: UInt64 = 0
    /// Connections that ended, among them those of peers that sent a frame beyond `maxFrameBytes`.
    package var disconnected: UInt64 = 0
    /// Connections that couldn't be taken, for lack of descriptors.
    package var acceptsFailed: UInt64 = 0
    /// How often the socket stopped listening for a while, because descriptors were running out.
    package var pauses: UInt64 = 0
    /// How often an `ipc://` endpoint was bound anew because its file was gone.
    package var rebound: UInt64 = 0

    package static func + (left: SocketCounters, right: SocketCounters) -> SocketCounters {
        var sum = left
        for path: WritableKeyPath<SocketCounters, UInt64> in [
            \.sent, \.received, \.wouldBlock, \.unreachable, \.tooManyFrames, \.handshakesFailed, \.keysRefused,
            \.connected, \.disconnected, \.acceptsFailed, \.pauses, \.rebound,
        ] {
            sum[keyPath: path] += right[keyPath: path]
        }
        return sum
    }
}

/// A socket of one loop. Use it on the loop's thread only.
///
/// Messages are arrays of frames. They are atomic: all frames arrive, or none.
package final class Socket {
    /// Gets each message, one at a time.
    package typealias Receiver = ([[UInt8]]) throws -> Void

    package let kind: SocketKind
    package let options: SocketOptions
    package internal(set) var counters = SocketCounters()

    /// Set to receive, nil to stop: what the peers send then waits in the queues, up to the high-water marks, and holds
    /// them back.
    package var onReceive: Receiver? {
        didSet {
            if (onReceive == nil) != (oldValue == nil) { context.pollItemsAreStale = true }
        }
    }

    /// Called after the messages that a turn of the loop has read, once for all of them: the place for work that is
    /// cheaper done together. Not called when there were none.
    package var onBurstEnd: (() -> Void)?

    /// Over `ipc://`: says who a peer is, by the number of its user. nil: nobody is asked.
    package var identifyPeer: ((UInt32) -> CurveUser?)?

    /// Whether this socket knows who sends, or that it is nobody it knows.
    package var asksWhoSends: Bool {
        if case .server? = options.curve { true } else { identifyPeer != nil }
    }

    /// Whose message `onReceive` has, while it is called: a socket with a CURVE server's keys knows its users, and one with
    /// ``identifyPeer`` those of this machine. nil for all others.
    package internal(set) var sender: CurveUser?

    /// The endpoint bound or connected last, with the port that the system chose; nil before the first, and after
    /// `close`. It is kept when the socket listens anew: libzmq's own answer then comes only with the next bind, which
    /// may have to wait.
    package internal(set) var lastEndpoint: String?

    let context: LoopContext
    private(set) var handle: UnsafeMutableRawPointer?
    private var waitingToWrite: [() throws -> Void] = []
    /// What is bound, with the file that libzmq made for it.
    var bindings: [Binding] = []
    /// Set while something that should be bound isn't.
    var listening: LoopTimer?
    /// Looks after the files of `ipc://` endpoints.
    var watching: LoopTimer?
    /// That a lost file's place can't be had was said.
    var hasReportedLoss = false
    var monitor: Socket?
    var isObserved = false
    var onConnection: ((ConnectionEvent) -> Void)?

    init(_ kind: SocketKind, _ options: SocketOptions, context: LoopContext) throws(ZeroMQError) {
        self.kind = kind
        self.options = options
        self.context = context
        try renewHandle()
    }

    /// A new handle with the socket's options in the place of the old one, which is left as it is.
    private func renewHandle() throws(ZeroMQError) {
        let old = handle
        guard let new = zmq_socket(context.zmq, kind.number) else { throw .last("can't make a \(kind) socket") }
        handle = new
        do {
            try options.apply(to: self)
        } catch {
            handle = old
            zmq_close(new)
            throw error
        }
    }

    /// False after `close`.
    package var isOpen: Bool { handle != nil }

    /// Closes the socket without waiting for anything; messages that wait are sent in the background for at most the
    /// socket's linger. Once more is harmless.
    package func close() {
        close(linger: options.linger)
    }

    func close(linger: Duration) {
        guard let handle else { return }
        context.checkThread()
        for binding in bindings { release(binding) }
        bindings = []
        lastEndpoint = nil
        listening?.cancel()
        watching?.cancel()
        self.handle = nil
        end(handle, linger: min(linger, options.linger))
        onConnection = nil
        onReceive = nil
        onBurstEnd = nil
        waitingToWrite = []
        context.forget(self)
    }

    private func end(_ handle: UnsafeMutableRawPointer, linger: Duration) {
        var milliseconds = linger.wholeMilliseconds
        zmq_setsockopt(handle, ZMQ_LINGER, &milliseconds, MemoryLayout.size(ofValue: milliseconds))
        // First the monitor's sending end: libzmq's thread would wait for ever to tell an event to nobody, and every
        // connection of this loop with it.
        if monitor != nil { zmq_socket_monitor(handle, nil, 0) }
        zmq_close(handle)
        monitor?.close()
        monitor = nil
    }

    /// Calls the body once, as soon as a message can be sent: for a dealer or push, when a peer is connected and its
    /// queue has room. A router or publisher is always writable. Several bodies are called in their order; the room may
    /// be gone when the later ones are called.
    package func whenWritable(_ body: @escaping () throws -> Void) {
        context.checkThread()
        waitingToWrite.append(body)
        context.pollItemsAreStale = true
    }

    var pollEvents: Int16 {
        guard handle != nil else { return 0 }
        return Int16((onReceive == nil ? 0 : ZMQ_POLLIN) | (waitingToWrite.isEmpty ? 0 : ZMQ_POLLOUT))
    }

    func becameWritable() {
        let bodies = waitingToWrite
        waitingToWrite = []
        context.pollItemsAreStale = true
        for body in bodies {
            do { try body() } catch { context.onError(error) }
        }
    }

    /// Ends every connection and listens anew at the same addresses, for sockets that bind: so that who came in with a
    /// key that is no longer allowed is out, and everybody else comes again. What waits to be sent is lost.
    ///
    /// - Throws: `system`; then nothing has changed.
    package func renewConnections() throws(ZeroMQError) {
        let old = try openHandle()
        try renewHandle()
        unbindAll(of: old)
        end(old, linger: .zero)
        context.pollItemsAreStale = true
        try startMonitor()
        listen()
    }

    /// The handle, or the error for one that is closed.
    func openHandle() throws(ZeroMQError) -> UnsafeMutableRawPointer {
        context.checkThread()
        guard let handle else { throw ZeroMQError(.socketClosed, "the \(kind) socket was closed") }
        return handle
    }
}

@available(*, unavailable)
extension Socket: Sendable {}
