import Dispatch
import Logging
import ServiceRuntime
import Synchronization

/// Keeps the stores of this node for the next router, in the order in which it is told of them.
final class StoreMemory: Sendable {
    /// What the router before this one left; nil: nobody knows.
    let remembered: [RememberedStore]?
    private let file: StoreFile?
    private let logger: Logger
    private let hasFailed = Mutex(false)
    /// A disk may take seconds: nothing else waits for it.
    private let queue = DispatchQueue(label: "p2pmsg.stores")

    /// - Parameter stateFile: the file with the saved switches, beside which this one lies; nil: nothing is kept.
    init(besides stateFile: String?, logger: Logger) {
        self.logger = logger
        let file = stateFile.map { StoreFile(path: $0 + ".stores") }
        self.file = file
        do throws(FailureReport) {
            remembered = try file?.read()
        } catch {
            remembered = nil
            logger.warning(
                "the file with the stores of this node can't be used; the next one replaces it",
                metadata: ["file": "\(file?.path ?? "")", "why": "\(error.message)"])
        }
    }

    func remember(_ stores: [RememberedStore]) {
        guard let file else { return }
        queue.async { [self] in
            do throws(FailureReport) {
                try file.write(stores)
                hasFailed.withLock { $0 = false }
            } catch {
                let isNew = hasFailed.withLock { failed in
                    defer { failed = true }
                    return !failed
                }
                guard isNew else { return }
                logger.warning(
                    """
                    the stores of this node can't be remembered; what is sent right after a restart may go to other nodes \
                    before it is stored here (see --state)
                    """, metadata: ["why": "\(error.message)"])
            }
        }
    }

    /// Waits until the last word is on the disk.
    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}
