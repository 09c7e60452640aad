import CZeroMQ

/// What became of a message that was to be sent.
public enum SendResult: Sendable, Hashable {
    /// libzmq has it. That says nothing about the other side.
    case sent
    /// The queue is full, or (dealer, push) nobody is connected. Nothing was sent; try again later.
    case wouldBlock
    /// Router: no peer of this routing id is connected. Nothing was sent.
    case unreachable
}

/// What a socket has seen, since it was made.
public struct SocketCounters: Sendable, Hashable {
    public var sent: UInt64 = 0
    public var received: UInt64 = 0
    /// Messages that `send` didn't take because of a full queue or because nobody is connected.
    public var wouldBlock: UInt64 = 0
    /// Messages to a routing id that nobody has.
    public var unreachable: UInt64 = 0
    /// Messages dropped because they had more than `maxFrames` frames.
    public var tooManyFrames: UInt64 = 0
    /// Connections that ended before they introduced themselves properly. Needs `observeConnections`.
    public var handshakesFailed: UInt64 = 0
    /// Connections that introduced themselves. Needs `observeConnections`.
    public var connected: UInt64 = 0
    /// Connections that ended, among them those of peers that sent a frame beyond `maxFrameBytes`. Needs
    /// `observeConnections`.
    public var disconnected: UInt64 = 0
}

/// A socket of one loop. Use it on the loop's thread only.
///
/// Messages are arrays of frames. They are atomic: all frames arrive, or none.
public final class Socket {
    /// Gets each message, one at a time.
    public typealias Receiver = ([[UInt8]]) throws -> Void

    public let kind: SocketKind
    public let options: SocketOptions
    public internal(set) var counters = SocketCounters()

    /// Set to receive, nil to stop: what the peers send then waits in the queues, up to the high-water marks, and holds
    /// them back.
    public var onReceive: Receiver? {
        didSet {
            if (onReceive == nil) != (oldValue == nil) { context.pollItemsAreStale = true }
        }
    }

    /// Called after the messages that a turn of the loop has read, once for all of them: the place for work that is
    /// cheaper done together. Not called when there were none.
    public var onBurstEnd: (() -> Void)?

    let context: LoopContext
    private(set) var handle: UnsafeMutableRawPointer?
    private var waitingToWrite: [() throws -> Void] = []
    /// What is bound, with the file that libzmq made for it.
    var bindings: [Binding] = []
    var monitor: Socket?

    init(_ kind: SocketKind, _ options: SocketOptions, context: LoopContext) throws(ZeroMQError) {
        self.kind = kind
        self.options = options
        self.context = context
        guard let handle = zmq_socket(context.zmq, kind.number) else { throw .last("can't make a \(kind) socket") }
        self.handle = handle
        do {
            try options.apply(to: self)
        } catch {
            zmq_close(handle)
            throw error
        }
    }

    /// False after `close`.
    public var isOpen: Bool { handle != nil }

    /// Closes the socket without waiting for anything; messages that wait are sent in the background for at most the
    /// socket's linger. Once more is harmless.
    public func close() {
        close(linger: options.linger)
    }

    func close(linger: Duration) {
        guard let handle else { return }
        context.checkThread()
        var milliseconds = min(linger, options.linger).wholeMilliseconds
        zmq_setsockopt(handle, ZMQ_LINGER, &milliseconds, MemoryLayout.size(ofValue: milliseconds))
        for binding in bindings { release(binding) }
        bindings = []
        self.handle = nil
        zmq_close(handle)
        monitor?.close()
        monitor = nil
        onReceive = nil
        onBurstEnd = nil
        waitingToWrite = []
        context.forget(self)
    }

    /// Calls the body once, as soon as a message can be sent: for a dealer or push, when a peer is connected and its
    /// queue has room. A router or publisher is always writable. Several bodies are called in their order; the room may
    /// be gone when the later ones are called.
    public func whenWritable(_ body: @escaping () throws -> Void) {
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

    /// The handle, or the error for one that is closed.
    func openHandle() throws(ZeroMQError) -> UnsafeMutableRawPointer {
        context.checkThread()
        guard let handle else { throw ZeroMQError(.socketClosed, "the \(kind) socket was closed") }
        return handle
    }
}

@available(*, unavailable)
extension Socket: Sendable {}
