/// When a child that ended is started again: at once the first time, then ever later, up to 5 s. A value without a
/// clock; the times are those of the caller's.
struct RestartPolicy {
    enum Ending: Hashable {
        case status(Int32)
        case signal(Int32)
    }

    enum Decision: Hashable {
        case restart(after: Duration)
        /// It cannot work: its command line is wrong, or it failed at each of its first starts.
        case giveUp
    }

    private var startedAt: Duration = .zero
    private var failuresInARow = 0
    private var failedStarts = 0
    private(set) var hasWorked = false

    /// - Parameter now: since any fixed moment.
    mutating func started(at now: Duration) { startedAt = now }

    /// The node did its work with this child: whatever ends the child from now on, it is worth another start.
    mutating func worked() { hasWorked = true }

    mutating func ended(_ ending: Ending, at now: Duration) -> Decision {
        if now - startedAt >= Limits.childSettles {
            hasWorked = true
            failuresInARow = 0
        }
        if !hasWorked, case .status(let status) = ending {
            failedStarts += 1
            // 2 is a usage error: the same command line will be as wrong the next time.
            if status == 2 || failedStarts >= Limits.failedStarts { return .giveUp }
        }
        defer { failuresInARow += 1 }
        return .restart(after: RestartPolicy.pause(after: failuresInARow))
    }

    /// 0, 100 ms, 200 ms, 400 ms … 5 s.
    private static func pause(after failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        // Six doublings are beyond the longest pause already.
        let doublings = min(failures - 1, 6)
        return min(Limits.longestPause, Limits.firstPause * (1 << doublings))
    }
}
