import CZeroMQ
import Glibc
import Synchronization

/// How other threads reach a loop: jobs behind a lock, and an eventfd that the loop polls.
///
/// The wake-up is written once per batch. It is written under the lock, so that the descriptor can't be closed (and its
/// number given to something else) in between.
final class Mailbox: Sendable {
    /// Gets nil when the loop is gone and the job won't run.
    typealias Job = @Sendable (LoopContext?) -> Void

    private struct State {
        var jobs: [Job] = []
        var isOpen = true
        var isWoken = false
        var linger = ZeroMQLimits.linger
    }

    let wakeDescriptor: Int32
    private let state = Mutex(State())

    init() throws(ZeroMQError) {
        wakeDescriptor = p2pmsg_eventfd_create()
        guard wakeDescriptor >= 0 else { throw .system("can't make an eventfd", errno: errno) }
    }

    deinit { close(wakeDescriptor) }

    /// Jobs that wait.
    var count: Int { state.withLock { $0.jobs.count } }

    /// False when the loop is closed; the job was told so.
    func submit(_ job: @escaping Job) -> Bool {
        let accepted = state.withLock { state in
            guard state.isOpen else { return false }
            state.jobs.append(job)
            wake(&state)
            return true
        }
        if !accepted { job(nil) }
        return accepted
    }

    /// No more jobs after those that wait already.
    func finish(linger: Duration) {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            state.linger = linger
            wake(&state)
        }
    }

    /// All waiting jobs, and whether they are the last ones.
    func take() -> (jobs: [Job], isOpen: Bool, linger: Duration) {
        state.withLock { state in
            var jobs: [Job] = []
            swap(&jobs, &state.jobs)
            if state.isWoken {
                state.isWoken = false
                var value: UInt64 = 0
                _ = read(wakeDescriptor, &value, 8)
            }
            return (jobs, state.isOpen, state.linger)
        }
    }

    private func wake(_ state: inout State) {
        guard !state.isWoken else { return }
        state.isWoken = true
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }
}
