import CDatagrams
import Glibc
import Synchronization
import ZeroMQ

/// The thread of a ``MeshCore``: waits for datagrams, for deadlines and for what others ask for.
///
/// It is our own because NIO's datagram channel does not survive its socket: it closes it at most errors of a single send,
/// and traps when the system destroys it.
final class MeshLoop: Sendable {
    typealias Job = @Sendable (MeshCore) -> Void

    private struct State {
        var jobs: [Job] = []
        var isEnding = false
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let alarm: CInt

    /// Starts the thread.
    ///
    /// - Parameter make: makes the core, on the thread.
    init(_ make: @escaping @Sendable () -> MeshCore) throws(SocketError) {
        alarm = p2pmsg_make_alarm()
        guard alarm >= 0 else { throw SocketError(code: errno) }
        do throws(ZeroMQError) {
            try NativeThread.detach("mesh") { [self] in run(make()) }
        } catch {
            throw SocketError(code: EAGAIN)
        }
    }

    deinit { close(alarm) }

    /// Runs `job` on the thread, after those that were posted before. Never blocks.
    ///
    /// - Returns: false when the thread has ended; then the job is never run.
    @discardableResult
    func post(_ job: @escaping Job) -> Bool {
        let (isTaken, mustRing) = state.withLock { state in
            guard !state.isEnding else { return (false, false) }
            state.jobs.append(job)
            return (true, state.jobs.count == 1)
        }
        if mustRing { p2pmsg_ring(alarm) }
        return isTaken
    }

    /// Runs `body` on the thread; nil when that has ended.
    func ask<Answer: Sendable>(_ body: @escaping @Sendable (MeshCore) -> Answer) async -> Answer? {
        await withCheckedContinuation { continuation in
            let isTaken = post { continuation.resume(returning: body($0)) }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Ends the thread after what was posted, and returns when it has.
    func end() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.isEnding = true
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() } else { p2pmsg_ring(alarm) }
        }
    }

    private func run(_ core: MeshCore) {
        while true {
            let (jobs, isEnding) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isEnding)
            }
            for job in jobs { job(core) }
            if isEnding { break }
            core.turn(alarm: alarm)
        }
        core.close()
        let waiters = state.withLock { state in
            state.hasEnded = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
