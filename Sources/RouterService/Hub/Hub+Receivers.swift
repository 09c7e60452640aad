import Bus
import Messages

import enum Telehash.Judgement

extension Hub {
    mutating func joined(_ hello: Hello, from peer: RoutingID, now: Int64) {
        guard receivers[peer] != nil || receivers.count < RouterLimits.peers else {
            counters[.busy] += 1
            return effects.append(
                .send(.problem(request: nil, code: "busy", text: "too many receivers on this router"), to: peer))
        }
        // A receiver that reconnects keeps its id but has a new connection: what the old one had comes again.
        let old = receivers.filter { $0.value.hello.receiver == hello.receiver && $0.key != peer }.keys
        for connection in old { forget(connection, now: now) }
        let isNew = receivers[peer] == nil && old.isEmpty
        if receivers[peer] != nil { forget(peer, now: now) }
        guard makeRoom(for: hello.store) else {
            counters[.busy] += 1
            return effects.append(
                .send(.problem(request: nil, code: "busy", text: "too many stores on this router"), to: peer))
        }
        receivers[peer] = Receiver(hello: hello, lastSeen: now)
        stores[hello.store, default: StoreQueue(now: now)].lastSeen = now
        updateNamed(by: hello.store)
        effects.append(.send(.welcome(hello.receiver), to: peer))
        updateChannels(telling: peer)
        offerOpenPublications(to: hello.store, now: now)
        if isNew { effects.append(.note(.receiverJoined(hello.receiver, hello.store))) }
    }

    /// A store that comes while clients still wait for their receipts can give them (a router that was just restarted
    /// knows no store yet).
    private mutating func offerOpenPublications(to store: StoreID, now: Int64) {
        for (key, publication) in publications
        where publication.stored.isEmpty && publication.pending.isEmpty
            && keeps(publication.message.end)
        {
            guard stores[store]?.add(publication.message, from: Source(publication.origin), now: now) == true
            else { continue }
            publications[key]?.pending.insert(store)
            publications[key]?.refusal = nil
        }
    }

    /// - Parameter messages: how many the receiver's store holds.
    mutating func beat(from peer: RoutingID, messages: UInt64?, now: Int64) {
        guard let store = receivers[peer]?.hello.store else { return effects.append(.send(.whoAreYou, to: peer)) }
        heard(peer, now: now)
        stores[store]?.lastSeen = now
        if let messages { stores[store]?.messages = Int(clamping: messages) }
    }

    private mutating func heard(_ peer: RoutingID, now: Int64) {
        receivers[peer]?.lastSeen = now
        receivers[peer]?.isCongested = false
    }

    /// A receiver is gone; what it had under lease goes to the next one at once.
    mutating func left(_ peer: RoutingID, why: String, now: Int64) {
        guard let receiver = receivers[peer] else { return }
        forget(peer, now: now)
        effects.append(.note(.receiverLeft(receiver.hello.receiver, receiver.hello.store, why: why)))
    }

    private mutating func forget(_ peer: RoutingID, now: Int64) {
        guard let receiver = receivers.removeValue(forKey: peer) else { return }
        let released = stores[receiver.hello.store]?.release(peer, now: now) ?? 0
        counters[.redelivered] += UInt64(released)
    }

    /// What counts is what the receivers of a store name that are here; when none is, what they last named.
    private mutating func updateNamed(by store: StoreID) {
        named[store] = receivers.values.filter { $0.hello.store == store }.reduce(into: []) {
            $0.formUnion($1.hello.channels)
        }
    }

    mutating func acknowledged(_ acks: [Ack], by peer: RoutingID, now: Int64) {
        guard let store = receivers[peer]?.hello.store else { return effects.append(.send(.whoAreYou, to: peer)) }
        heard(peer, now: now)
        for ack in acks { acknowledged(ack, store: store, by: peer, now: now) }
    }

    private mutating func acknowledged(_ ack: Ack, store: StoreID, by peer: RoutingID, now: Int64) {
        let settled =
            switch ack.outcome {
            case .stored, .duplicate: stores[store]?.settle(ack.id, committed: true)
            case .refused: stores[store]?.settle(ack.id, committed: false)
            case .failed(let refusal): stores[store]?.postpone(ack.id, because: refusal, now: now)
            }
        guard let item = settled else { return counters[.lateAcks] += 1 }
        receivers[peer]?.outstanding -= 1
        let id = MessageKey(item.message)
        if ack.outcome == .stored { justStored.insert(id) }
        let isReplay = ack.outcome == .duplicate && item.attempts == 1 && !justStored.contains(id)
        let judgement = isReplay ? .unchecked : Judgement(ack.outcome)
        if let token = item.token, let judgement, token.isHeld || judgement != .unknown {
            if judgement == .overRate { unplaced.insert(id) }
            effects.append(.judged(token, item.message, judgement))
        }
        switch ack.outcome {
        case .stored, .duplicate:
            if ack.outcome == .stored {
                counters[.stored] += 1
            } else {
                counters[.duplicates] += 1
            }
            publications[id]?.committed(by: store, now: now)
            if let origin = item.source.origin { spreadCommitted(item.message, id, from: origin) }
        case .refused(let refusal):
            counters[.refused] += 1
            if let event = HubEvent(refusal) { counters[event] += 1 }
            publications[id]?.pending.remove(store)
            publications[id]?.refusal = refusal
        case .failed:
            // No verdict on the message, which is delivered again: its senders go on waiting.
            counters[.failed] += 1
        }
        settle(id, now: now)
    }

    /// The peer's queue is full: it does not read. What could not be sent is not under its lease, and it gets nothing more
    /// until it is heard of again.
    mutating func congested(_ peer: RoutingID, _ message: BusMessage) {
        counters[.congested] += 1
        guard let store = receivers[peer]?.hello.store else { return }
        receivers[peer]?.isCongested = true
        guard case .deliver(let deliveries) = message else { return }
        receivers[peer]?.outstanding -= stores[store]?.takeBack(deliveries.map(\.id)) ?? 0
    }

    /// Gives what waits to the receivers that have credit, the one with the least work first. To be called after every
    /// burst of events.
    mutating func dispatch(now: Int64) {
        for store in Array(stores.keys) where stores[store]?.hasWaiting == true {
            let mine = receivers.filter { $0.value.hello.store == store && $0.value.credit > 0 }
            guard !mine.isEmpty else { continue }
            // Equal shares: a burst is spread over the receivers instead of filling the first one's window.
            let waiting = stores[store]?.count ?? 0
            let share = max(1, min(BusLimits.deliverBatch, (waiting + mine.count - 1) / mine.count))
            for (peer, receiver) in mine.sorted(by: { $0.value.turn < $1.value.turn }) {
                let limit = min(share, receiver.credit)
                guard
                    let deliveries = stores[store]?.lease(to: peer, limit: limit, now: now, ids: &deliveryIDs),
                    !deliveries.isEmpty
                else { break }
                receivers[peer]?.outstanding += deliveries.count
                receivers[peer]?.lastDelivery = deliveryIDs
                counters[.delivered] += UInt64(deliveries.count)
                effects.append(.send(.deliver(deliveries), to: peer))
            }
        }
    }
}

extension Publication {
    mutating func committed(by store: StoreID, now: Int64) {
        pending.remove(store)
        guard !stored.contains(store) else { return }
        stored.append(store)
        storedAt = storedAt ?? now
    }
}
