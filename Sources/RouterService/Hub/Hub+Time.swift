import Bus
import Messages

extension Hub {
    /// Does what is due: beats, silent peers, ended leases, receipts whose time is over.
    mutating func tick(now: Int64) {
        if unsettled.isEmpty { unsettled = Array(publications.keys) }
        for _ in 0..<min(unsettled.count, RouterLimits.publicationsPerTick) {
            let id = unsettled.removeLast()
            settle(id, now: now)
            offerAgain(id, now: now)
            // It turned out that there is no store to wait for.
            if let end = publications[id]?.message.end, !awaitsStore(end, now: now) { spread(id) }
        }
        expireLeases(now: now)
        if now - lastBeat >= Liveness.beatMilliseconds {
            lastBeat = now
            for peer in receivers.keys { effects.append(.send(.routerBeat, to: peer)) }
            dropSilent(now: now)
        }
    }

    /// The connection is gone (libzmq could not route to it).
    mutating func unreachable(_ peer: RoutingID, now: Int64) {
        left(peer, why: "its connection is gone", now: now)
        followers = followers.filter { $0.key.client != peer }
        updateTaps()
    }

    private mutating func offerAgain(_ id: MessageKey, now: Int64) {
        guard let publication = publications[id], let retryAt = publication.meshRetryAt, retryAt <= now,
            publication.taken == 0, publication.stored.isEmpty
        else { return }
        publications[id]?.meshRetryAt = nil
        publications[id]?.meshFinished = false
        effects.append(.publish(publication.message, publication.origin))
    }

    private mutating func expireLeases(now: Int64) {
        for store in Array(stores.keys) {
            guard let before = stores[store]?.deadLetters else { continue }
            let late = stores[store]?.expire(now: now) ?? []
            counters[.redelivered] += UInt64(late.count)
            for peer in late { receivers[peer]?.outstanding -= 1 }
            if let total = stores[store]?.deadLetters, total > before {
                effects.append(.note(.deadLetters(store, total: total)))
            }
        }
    }

    private mutating func dropSilent(now: Int64) {
        for (peer, receiver) in receivers where now - receiver.lastSeen > Liveness.silenceMilliseconds {
            left(peer, why: "it is silent", now: now)
        }
        followers = followers.filter { now - $0.value.lastSeen <= Liveness.silenceMilliseconds }
        let before = stores.count
        for (store, lastSeen) in absentStores where now - lastSeen > RouterLimits.absentStoreMilliseconds {
            forget(store)
        }
        if stores.count < before { updateChannels() } else { updateTaps() }
    }

    /// Whether there may be one more store; the one that is away for longest gives way to it.
    mutating func makeRoom(for store: StoreID) -> Bool {
        guard stores[store] == nil, stores.count >= RouterLimits.stores else { return true }
        guard let absent = absentStores.min(by: { $0.lastSeen < $1.lastSeen }) else { return false }
        forget(absent.store)
        return true
    }

    private var absentStores: [(store: StoreID, lastSeen: Int64)] {
        let present = Set(receivers.values.map(\.hello.store))
        return stores.filter { !present.contains($0.key) }.map { ($0.key, $0.value.lastSeen) }
    }

    private mutating func forget(_ store: StoreID) {
        guard let queue = stores.removeValue(forKey: store) else { return }
        counters[.droppedWithStore] += UInt64(queue.count)
        named[store] = nil
        for id in publications.keys { publications[id]?.pending.remove(store) }
        effects.append(.note(.storeForgotten(store, dropped: queue.count)))
    }

    /// The stores as `status` shows them.
    func storeReports() -> [StatusReport.Store] {
        stores.map { store, queue in
            StatusReport.Store(
                store: store.description, receivers: receivers.values.count { $0.hello.store == store },
                waiting: queue.count, acked: queue.acked, messages: queue.messages)
        }.sorted { $0.store < $1.store }
    }

    /// Counters of the bus side, dead letters included.
    var namedCounters: [String: UInt64] {
        counters.byName.merging([
            "bus_dead_letters": stores.values.reduce(0) { $0 + $1.deadLetters },
            "bus_dead_letters_kept": stores.values.reduce(0) { $0 + UInt64($1.dead.count) },
        ]) { $1 }
    }
}
