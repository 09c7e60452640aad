import Glibc
import Logging
import Synchronization

/// The files that this process may have open.
enum Descriptors {
    /// Whether no file can be opened any more, by this process or on this machine. SQLite and libzmq don't say why they
    /// could not.
    static var areUsedUp: Bool {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else {
            close(descriptor)
            return false
        }
        return errno == EMFILE || errno == ENFILE
    }
}

/// Says once that the descriptors are used up, and once that there are some again. What is open goes on working meanwhile:
/// the store opens all its connections at its start.
final class DescriptorWatch: Sendable {
    private let logger: Logger
    private let isReported = Atomic(false)

    init(logger: Logger) { self.logger = logger }

    func look() {
        let areUsedUp = Descriptors.areUsedUp
        guard isReported.exchange(areUsedUp, ordering: .relaxed) != areUsedUp else { return }
        if areUsedUp {
            logger.error("no file descriptors left, nobody new can connect: raise the limit (LimitNOFILE=, ulimit -n)")
        } else {
            logger.notice("there are file descriptors again")
        }
    }
}
