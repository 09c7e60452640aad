import CZeroMQ
import Glibc

/// What a loop's thread has: sockets, timers, values. Jobs and callbacks get it; it can't be had anywhere else.
package final class LoopContext {
    let zmq: UnsafeMutableRawPointer
    let mailbox: Mailbox
    let timers = Timers()
    let onError: @Sendable (any Error) -> Void

    /// Reused for everything that is received, one frame after the other.
    let scratch: UnsafeMutablePointer<zmq_msg_t>

    private(set) var sockets: [Socket] = []
    private(set) var values: [UInt64: AnyObject] = [:]

    /// The paths that the sockets of this loop are bound to.
    var lockedPaths: [String: PathLock] = [:]

    /// What `zmq_poll` gets; stale when sockets came or went or changed what they wait for.
    var pollItems: [zmq_pollitem_t] = []
    var polledSockets: [Socket] = []
    var pollItemsAreStale = true
    var monitorsMade = 0
    /// Asked by libzmq which keys come in; nil while no socket needs it.
    var gate: CurveGate?
    let descriptors = Descriptors()
    private var thread: pthread_t?
    private var isTerminated = false

    init(mailbox: Mailbox, onError: @escaping @Sendable (any Error) -> Void) throws(ZeroMQError) {
        // libzmq doesn't return an error when its threads find no descriptors, it ends the process.
        guard Descriptors.areFree(ZeroMQLimits.firstDescriptors) else {
            throw .system("can't start a loop", errno: EMFILE)
        }
        guard let zmq = zmq_ctx_new() else { throw .last("can't make a libzmq context") }
        zmq_ctx_set(zmq, ZMQ_MAX_SOCKETS, ZeroMQLimits.sockets)
        self.zmq = zmq
        self.mailbox = mailbox
        self.onError = onError
        scratch = .allocate(capacity: 1)
        zmq_msg_init(scratch)
    }

    deinit {
        terminate()
        zmq_msg_close(scratch)
        scratch.deallocate()
    }

    /// Makes a socket. It stays open until `close` or the end of the loop, whether or not somebody holds it.
    ///
    /// - Throws: `system`, when there are too many, or an option isn't one.
    package func socket(_ kind: SocketKind, _ options: SocketOptions = SocketOptions()) throws(ZeroMQError) -> Socket {
        checkThread()
        let socket = try Socket(kind, options, context: self)
        sockets.append(socket)
        pollItemsAreStale = true
        return socket
    }

    /// Fires once, this much later (resolution: one millisecond).
    @discardableResult
    package func after(_ delay: Duration, _ body: @escaping () throws -> Void) -> LoopTimer {
        checkThread()
        return timers.schedule(at: .now + delay, body)
    }

    /// Fires again and again, first after one interval. Turns that were missed are skipped.
    ///
    /// - Parameter interval: at least one millisecond.
    @discardableResult
    package func every(_ interval: Duration, _ body: @escaping () throws -> Void) -> LoopTimer {
        checkThread()
        precondition(interval >= .milliseconds(1), "a timer that fires all the time would starve the sockets")
        return timers.schedule(at: .now + interval, every: interval, body)
    }

    /// Runs until the loop is shut down.
    func main() {
        thread = pthread_self()
        let linger = turnUntilClosed()
        timers.removeAll()
        // Callbacks hold what belongs to them, which often holds the sockets.
        // A monitor is closed by its socket, after its sending end: before, libzmq's thread would wait for ever to tell an
        // event to nobody.
        let monitors = sockets.compactMap(\.monitor)
        for socket in sockets.reversed() where !monitors.contains(where: { $0 === socket }) {
            socket.close(linger: linger)
        }
        values.removeAll()
        terminate()
    }

    /// Waits until the sockets, which are closed, have lingered.
    private func terminate() {
        guard !isTerminated else { return }
        isTerminated = true
        while zmq_ctx_term(zmq) != 0 && zmq_errno() == EINTR {}
    }

    func forget(_ socket: Socket) {
        sockets.removeAll { $0 === socket }
        pollItemsAreStale = true
    }

    /// Keeps a value for ``LoopBound``; nil drops it.
    func keep(_ value: AnyObject?, as key: UInt64) {
        checkThread()
        // What is replaced dies after the dictionary was changed: its end may have effects here.
        let old = values.removeValue(forKey: key)
        values[key] = value
        withExtendedLifetime(old) {}
    }

    /// Using a socket from another thread corrupts libzmq's memory, so that mistake of ours stops here.
    func checkThread() {
        precondition(thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false, "not on the loop's thread")
    }
}

@available(*, unavailable)
extension LoopContext: Sendable {}
