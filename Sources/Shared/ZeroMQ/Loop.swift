import CZeroMQ
import Glibc
import Synchronization

/// One dedicated thread that owns a libzmq context and every socket made on it.
///
/// libzmq's sockets must not be used from two threads, and Swift's tasks hop between threads; so the sockets live here,
/// with the state that belongs to them, and everyone else sends jobs. Sockets, timers and ``LoopContext`` are not
/// `Sendable`: they can't leave the thread. What has to be found again by a later job goes into a ``LoopBound``.
///
/// The mailbox has no bound of its own, because `post` never blocks and never loses a job: callers bound their own work
/// (a window of requests, a credit).
///
/// Errors that callbacks throw don't end the loop: they go to `onError`.
package final class Loop: Sendable {
    /// Name of the thread (the system keeps 15 bytes of it).
    package let name: String
    let mailbox: Mailbox
    private let thread: LoopThread

    /// - Parameters:
    ///   - name: names the thread.
    ///   - onError: gets what callbacks of sockets and timers threw, on the loop's thread.
    /// - Throws: `system`, when there are no descriptors, threads or memory left.
    package init(
        name: String, onError: @escaping @Sendable (any Error) -> Void = { _ in }
    ) throws(ZeroMQError) {
        self.name = name
        mailbox = try Mailbox()
        thread = try LoopThread(name: name, mailbox: mailbox, onError: onError)
    }

    deinit {
        mailbox.finish(linger: ZeroMQLimits.linger)
        thread.detach()
    }

    /// Runs the body on the loop's thread and gives back what it returns.
    ///
    /// The body starts even when the calling task was cancelled; it is expected to be short.
    ///
    /// - Throws: what the body throws; `loopClosed` when the loop was shut down.
    package func run<T: Sendable>(_ body: @escaping @Sendable (LoopContext) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            _ = mailbox.submit { context in
                guard let context else { return continuation.resume(throwing: ZeroMQError.loopClosed) }
                continuation.resume(with: Result { try body(context) })
            }
        }
    }

    /// Runs the body on the loop's thread, after everything that was posted before. Never blocks.
    ///
    /// - Returns: false when the loop was shut down and the body won't run.
    @discardableResult
    package func post(_ body: @escaping @Sendable (LoopContext) -> Void) -> Bool {
        mailbox.submit { context in
            if let context { body(context) }
        }
    }

    /// Runs what was posted before, closes the sockets, ends the libzmq context and joins the thread. Once more, or from
    /// several tasks at once, is harmless: everybody waits for the same end.
    ///
    /// - Parameter linger: how long messages that are on their way may hold up the end, altogether; sockets with a
    ///   shorter linger of their own keep it.
    package func shutdown(linger: Duration = ZeroMQLimits.linger) async {
        mailbox.finish(linger: linger)
        await thread.ended()
    }
}

/// The thread behind a loop and the news of its end.
final class LoopThread: Sendable {
    private struct State {
        /// nil once somebody joins it, or nobody will.
        var handle: pthread_t?
        var isEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    init(name: String, mailbox: Mailbox, onError: @escaping @Sendable (any Error) -> Void) throws(ZeroMQError) {
        let context = try LoopContext(mailbox: mailbox, onError: onError)
        let started = try NativeThread.start(name) { [self] in main(context) }
        state.withLock { $0.handle = started }
    }

    /// Waits until the thread is gone.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isEnded = state.withLock { state in
                if !state.isEnded { state.waiters.append(continuation) }
                return state.isEnded
            }
            if isEnded { continuation.resume() }
        }
        // The thread has nothing left to do but to return, so this takes microseconds.
        if let handle = claim() { pthread_join(handle, nil) }
    }

    /// Nobody will join it.
    func detach() {
        if let handle = claim() { pthread_detach(handle) }
    }

    private func claim() -> pthread_t? { state.withLock { $0.handle.take() } }

    private func main(_ context: LoopContext) {
        context.main()
        let waiters = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
