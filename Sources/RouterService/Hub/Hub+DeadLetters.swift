import Bus
import Messages

extension Hub {
    /// What could not be placed, newest first, at most ``BusLimits/deadLetters``.
    ///
    /// - Parameter redeliver: puts all of them back into the queues of their stores; the answer then says which.
    mutating func deadLetters(redeliver: Bool, now: Int64) -> [DeadLetter] {
        let letters = stores.flatMap { store, queue in
            queue.dead.map { (store: store, since: $0.since, message: $0.item.message) }
        }.sorted { $0.since > $1.since }.prefix(BusLimits.deadLetters)
        if redeliver {
            for store in stores.keys { counters.redelivered += UInt64(stores[store]?.redeliverDead() ?? 0) }
        }
        return letters.map {
            DeadLetter(store: $0.store, age: UInt64(clamping: now - $0.since), message: $0.message)
        }
    }
}
