import Logging
import ServiceRuntime
import Synchronization

/// Says once that the descriptors are used up, and once that there are some again. What is open goes on working meanwhile:
/// the store opens all its connections at its start.
final class DescriptorWatch: Sendable {
    private let logger: Logger
    private let isReported = Atomic(false)

    init(logger: Logger) { self.logger = logger }

    func look() {
        let areUsedUp = OpenFileLimit.isReached
        guard isReported.exchange(areUsedUp, ordering: .relaxed) != areUsedUp else { return }
        if areUsedUp {
            logger.error("no file descriptors left, nobody new can connect: raise the limit (LimitNOFILE=, ulimit -n)")
        } else {
            logger.notice("there are file descriptors again")
        }
    }
}
