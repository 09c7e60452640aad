import Bus
import Messages
import TelehashWire

extension Hub {
    /// One message from a connection of the bus.
    mutating func received(_ message: BusMessage, from peer: RoutingID, now: Int64) {
        switch message {
        case .publish(let publish): published(publish, by: peer, now: now)
        case .follow(let request, let ends):
            follow(FollowerID(client: peer, request: request), ends: ends, now: now)
        case .unfollow(let request):
            followers[FollowerID(client: peer, request: request)] = nil
            updateTaps()
        case .directoryRequest(let request):
            effects.append(.send(.directory(request, directory(now: now)), to: peer))
        case .statusRequest(let request): effects.append(.reportStatus(request, to: peer))
        case .deadLettersRequest(let request, let redeliver):
            effects.append(.send(.deadLetters(request, deadLetters(redeliver: redeliver, now: now)), to: peer))
        case .hello(let hello): joined(hello, from: peer, now: now)
        case .acks(let acks): acknowledged(acks, by: peer, now: now)
        case .receiverBeat(_, let messages): beat(from: peer, messages: messages, now: now)
        case .goodbye: left(peer, why: "it said goodbye", now: now)
        case .query(let request, _, _), .control(let request, _):
            counters[.unexpectedMessages] += 1
            effects.append(
                .send(
                    .problem(
                        request: request, code: "wrong_address",
                        text: "the router keeps no messages; ask its directory for a receiver"), to: peer))
        case .receipt, .refusal, .following, .live, .directory, .status, .deadLetters, .welcome, .deliver, .routerBeat,
            .whoAreYou, .channels,
            .answer, .committed, .pulse, .ruled, .problem:
            // Answers are no questions: replying to them could make two sides talk for ever.
            counters[.unexpectedMessages] += 1
        }
    }

    /// A multipart message that is none of ours, or of another version.
    mutating func unreadable(_ error: BusDecodeError, request: RequestID?, from peer: RoutingID) {
        counters[.malformedFrames] += 1
        let code =
            switch error {
            case .unknownVersion: "unknown_version"
            case .unknownKind: "unknown_kind"
            default: "malformed"
            }
        effects.append(.send(.problem(request: request, code: code, text: "\(error)"), to: peer))
    }

    /// A message from somebody whose role has no right to it.
    mutating func notAllowed(_ message: BusMessage, role: String, from peer: RoutingID) {
        counters[.notAllowed] += 1
        effects.append(
            .send(
                .problem(
                    request: message.request, code: "not_allowed",
                    text: "the sender has the role \(role), which may not send that to the router"), to: peer))
    }

    private mutating func published(_ publish: Publish, by client: RoutingID, now: Int64) {
        let id = MessageKey(publish.message)
        counters[.published] += 1
        if publications[id] == nil {
            let most = publish.origin == .visitor ? RouterLimits.openOfVisitors : RouterLimits.openPublications
            guard publications.count < most else {
                counters[.busy] += 1
                let refusal = Refusal(
                    code: "busy", text: "too many messages wait for their receipts; try again in a second")
                return effects.append(.send(.refusal(publish.request, refusal), to: client))
            }
            begin(publish.message, from: publish.origin, now: now)
        }
        let waiter = Publication.Waiter(
            client: client, request: publish.request,
            acks: publish.acks.map(Int.init) ?? (keeps(publish.message.end) ? 1 : 0), since: now,
            deadline: now + min(Int64(publish.waitMilliseconds), RouterLimits.longestWaitMilliseconds))
        // A resent request is the same waiter, not one more.
        if publications[id]?.waiters.contains(where: { $0.client == client && $0.request == publish.request }) == false
        {
            publications[id]?.waiters.append(waiter)
        }
        settle(id, now: now)
    }

    private mutating func begin(_ message: SignedMessage, from origin: Origin, now: Int64) {
        var publication = Publication(message: message, origin: origin)
        publication.pending = enqueue(message, from: Source(origin), now: now)
        if publication.pending.isEmpty, keeps(message.end) {
            let why = failure(among: stores.keys)?.text ?? "is a receiver stuck?"
            publication.refusal = Refusal(code: "busy", text: "what waits for the stores has reached its limit: \(why)")
        }
        publications[MessageKey(message)] = publication
        // What no store has room for is the writer's to send again, and until then nobody's.
        if publication.refusal == nil, recent.insert(MessageKey(message)) { tellFollowers(message) }
        if !awaitsStore(message.end, now: now) { spread(MessageKey(message)) }
    }

    /// What the first of these stores says that can store nothing just now.
    private func failure(among ids: some Sequence<StoreID>) -> Refusal? {
        ids.lazy.compactMap { stores[$0]?.failure }.first
    }

    /// Hands a publication to the mesh, once.
    mutating func spread(_ id: MessageKey) {
        guard let publication = publications[id], !publication.isSpread else { return }
        publications[id]?.isSpread = true
        effects.append(.publish(publication.message, publication.origin))
    }

    /// A store has what a client published: now the others may have it, too, even when nobody waits for the receipt any
    /// more.
    mutating func spreadCommitted(_ message: SignedMessage, _ id: MessageKey, from origin: Origin) {
        let isFirst = handedOver.insert(id)
        if publications[id] != nil {
            spread(id)
        } else if isFirst {
            effects.append(.publish(message, origin))
        }
    }

    private mutating func follow(_ id: FollowerID, ends: [NodeID], now: Int64) {
        let ends = Set(ends)
        if followers[id]?.ends != ends {
            let others = followers.reduce(0) { $0 + ($1.key == id ? 0 : $1.value.ends.count) }
            guard followers[id] != nil || followers.count < RouterLimits.peers,
                others + ends.count <= RouterLimits.followedEnds
            else {
                counters[.busy] += 1
                let refusal = Refusal(code: "busy", text: "too many followers on this router, or of too many channels")
                return effects.append(.send(.refusal(id.request, refusal), to: id.client))
            }
            followers[id] = Follower(ends: ends, lastSeen: now)
            updateTaps()
        }
        followers[id]?.lastSeen = now
        effects.append(.send(.following(id.request), to: id.client))
    }

    /// Tells every waiter of a publication what can be told, and forgets it when nobody waits any more.
    mutating func settle(_ id: MessageKey, now: Int64) {
        guard let publication = publications[id] else { return }
        let failure = failure(among: publication.pending)
        var waiting: [Publication.Waiter] = []
        for waiter in publication.waiters {
            guard let verdict = publication.verdict(for: waiter, failure: failure, now: now) else {
                waiting.append(waiter)
                continue
            }
            if case .receipt(_, let receipt) = verdict, !receipt.complete { counters[.timedOut] += 1 }
            receiptTimes.note(Double(now - waiter.since))
            effects.append(.send(verdict, to: waiter.client))
        }
        guard waiting.count < publication.waiters.count else { return }
        if waiting.isEmpty { publications[id] = nil } else { publications[id]?.waiters = waiting }
    }

    /// What could not be placed, newest first, at most ``BusLimits/deadLetters``.
    ///
    /// - Parameter redeliver: puts all of them back into the queues of their stores; the answer then says which.
    mutating func deadLetters(redeliver: Bool, now: Int64) -> [DeadLetter] {
        let letters = stores.flatMap { store, queue in
            queue.dead.map { (store: store, since: $0.since, message: $0.item.message) }
        }.sorted { $0.since > $1.since }.prefix(BusLimits.deadLetters)
        if redeliver {
            for store in Array(stores.keys) { counters[.redelivered] += UInt64(stores[store]?.redeliverDead() ?? 0) }
        }
        return letters.map {
            DeadLetter(store: $0.store, age: UInt64(clamping: now - $0.since), message: $0.message)
        }
    }
}

extension BusMessage {
    /// What the sender waits for, where this is a request to the router.
    fileprivate var request: RequestID? {
        switch self {
        case .publish(let publish): publish.request
        case .follow(let request, _), .unfollow(let request), .directoryRequest(let request),
            .statusRequest(let request), .deadLettersRequest(let request, _), .query(let request, _, _):
            request
        default: nil
        }
    }
}
