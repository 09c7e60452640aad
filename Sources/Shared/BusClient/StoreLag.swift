import Bus
import Messages

/// Which stores lag behind the others, by what their feeds announce: one that has just come back after an hour has all its
/// pages, and they end an hour ago.
struct StoreLag {
    /// Messages that other stores have announced and this one has not yet.
    private struct Debt {
        var ids: Set<MessageID> = []
        var order: [(id: MessageID, since: ContinuousClock.Instant)] = []
        var first = 0
    }

    private var debts: [StoreID: Debt] = [:]

    /// A store has announced a message. The others are expected to do so soon.
    ///
    /// - Parameter others: stores that keep the message's channel.
    mutating func announced(
        _ id: MessageID, by store: StoreID, isNew: Bool, to others: [StoreID], now: ContinuousClock.Instant
    ) {
        debts[store]?.ids.remove(id)
        // What a store announces while it catches up is old: the others announced it long ago.
        guard isNew, !isBehind(store, now: now) else { return }
        for other in others where other != store {
            guard debts[other]?.ids.count ?? 0 < BusClientLimits.messagesBehind else { continue }
            debts[other, default: Debt()].ids.insert(id)
            debts[other, default: Debt()].order.append((id, now))
        }
    }

    /// Whether the store has been missing something for longer than a commit takes.
    mutating func isBehind(_ store: StoreID, now: ContinuousClock.Instant) -> Bool {
        guard var debt = debts.removeValue(forKey: store) else { return false }
        defer { debts[store] = debt }
        while debt.first < debt.order.count {
            let (id, since) = debt.order[debt.first]
            let isForgotten = since.duration(to: now) > BusClientLimits.lagMemory
            guard isForgotten || !debt.ids.contains(id) else { break }
            debt.ids.remove(id)
            debt.first += 1
        }
        if debt.first > debt.order.count / 2 {
            debt.order.removeFirst(debt.first)
            debt.first = 0
        }
        guard debt.first < debt.order.count else { return false }
        return debt.order[debt.first].since.duration(to: now) > BusClientLimits.lagTolerance
    }
}
