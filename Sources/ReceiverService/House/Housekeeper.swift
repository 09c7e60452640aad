import Logging
import ServiceRuntime

/// What a store needs now and then, beside the work: interrupted rules finished, old messages dropped. Several receivers
/// of one store may do it at the same time; what one has done, the other finds done.
struct Housekeeper: Sendable {
    let store: SQLiteStore
    let retention: Retention
    let queue: WorkQueue
    let counters: Counters
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    /// Until the task is cancelled.
    func run() async {
        await attempt("rules_failures") { try store.finishRules() }
        while !Task.isCancelled {
            await attempt("retention_failures") {
                let dropped = try store.prune(retention, now: clock())
                guard dropped > 0 else { return }
                counters.add("messages_expired", UInt64(dropped))
                logger.info("old messages were dropped", metadata: ["messages": "\(dropped)"])
            }
            try? await Task.sleep(for: Limits.retentionPause)
        }
    }

    /// What fails (the disk is full, the store locked) is tried again in the next round.
    private func attempt(_ counter: String, _ body: @escaping @Sendable () throws -> Void) async {
        do {
            try await queue.run(body)
        } catch {
            counters.add(counter)
            logger.warning("the store could not be tidied up", metadata: ["because": "\(error)"])
        }
    }
}
