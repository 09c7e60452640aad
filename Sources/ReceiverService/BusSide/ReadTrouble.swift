import Bus
import Logging
import Synchronization

/// Tells once when the store cannot be read, and once when it can again, however many queries meet it.
final class ReadTrouble: Sendable {
    private let logger: Logger
    private let reported = Mutex<String?>(nil)

    init(logger: Logger) { self.logger = logger }

    func note(_ body: Answer.Body) {
        guard case .refused(let refusal) = body else {
            let wasReported = reported.withLock { code in
                defer { code = nil }
                return code != nil
            }
            if wasReported { logger.notice("the store can be read again") }
            return
        }
        let isNew = reported.withLock { code in
            defer { code = refusal.code }
            return code != refusal.code
        }
        guard isNew else { return }
        logger.error("cannot read the store", metadata: ["code": "\(refusal.code)", "because": "\(refusal.text)"])
    }
}
