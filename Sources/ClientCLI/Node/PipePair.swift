import Glibc
import ServiceRuntime

/// The two ends of a pipe; neither reaches a child unless it is handed over. To be made where children are started,
/// never beside it: the mark that keeps them from a child is set a moment after they exist.
struct PipePair {
    let read: Int32
    let write: Int32

    init() throws(FailureReport) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FailureReport("cannot make a pipe: \(describe(errno: errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (read, write) = (ends[0], ends[1])
    }
}
