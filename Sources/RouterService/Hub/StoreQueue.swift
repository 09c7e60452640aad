import Bus
import DequeModule
import Messages

import struct Telehash.DeliveryToken

/// What waits for one store, and who has it under lease: each message goes to one receiver of the store at a time, at
/// least once, until it is acknowledged.
struct StoreQueue {
    struct Item {
        let message: SignedMessage
        let source: Source
        let bytes: Int
        /// How the switch knows it, where it came from the mesh.
        let token: DeliveryToken?
        /// When the router got it, milliseconds.
        let since: Int64
        var attempts = 0
        /// Not before this time, milliseconds: a store that failed gets a pause.
        var notBefore: Int64 = 0
    }

    private struct Lease {
        let item: Item
        let receiver: RoutingID
        let deadline: Int64
    }

    /// A message that five deliveries could not place.
    struct Dead {
        let item: Item
        /// When the last attempt ended, milliseconds.
        let since: Int64
    }

    private var waiting = StoreLanes()
    /// What failed, until its pause is over: they end in this order.
    private var postponed = Deque<Item>()
    private var leases: [DeliveryID: Lease] = [:]
    private(set) var bytes = 0
    /// What gave way since the hub last took it.
    private var displaced: [Item] = []
    private(set) var acked = 0
    /// Messages in the store, as its receivers last said.
    var messages: Int?
    /// Messages that five deliveries could not place, since the start.
    private(set) var deadLetters: UInt64 = 0
    /// The newest of them, kept for the operator.
    private(set) var dead = Deque<Dead>()
    /// Milliseconds of the last time that a receiver of this store was here.
    var lastSeen: Int64
    /// Set from a commit that failed to the next one that succeeds: the store's words, and when it is tried again.
    private var failing: (refusal: Refusal, retryAt: Int64)?

    init(now: Int64) {
        lastSeen = now
    }

    /// Messages that the store has not yet acknowledged.
    var count: Int { waiting.count + postponed.count + leases.count }
    var hasWaiting: Bool { waiting.count > 0 || !postponed.isEmpty }
    /// Why the store can take nothing just now; nil while it works. Something always waits then, to try it with.
    var failure: Refusal? { count > 0 ? failing?.refusal : nil }

    /// Where the queue is full, what the peer with most in it brought last gives way, and what was published here has room before
    /// anything of a peer.
    ///
    /// - Returns: false if there is no room; the message is then not in it.
    mutating func add(_ message: SignedMessage, from source: Source, token: DeliveryToken? = nil, now: Int64) -> Bool {
        let size = message.text.utf8.count + RouterLimits.bytesBesideText
        while bytes + size > RouterLimits.waitingBytes {
            guard let item = waiting.makeRoom(for: size, of: source) else { return false }
            bytes -= item.bytes
            displaced.append(item)
        }
        waiting.append(Item(message: message, source: source, bytes: size, token: token, since: now))
        bytes += size
        return true
    }

    mutating func takeDisplaced() -> [Item] {
        defer { displaced = [] }
        return displaced
    }

    /// Leases up to `limit` messages to a receiver.
    mutating func lease(to receiver: RoutingID, limit: Int, now: Int64, ids: inout UInt64) -> [Delivery] {
        while let next = postponed.first, next.notBefore <= now { waiting.append(postponed.removeFirst()) }
        var deliveries: [Delivery] = []
        let limit = min(limit, allowed(now: now))
        while deliveries.count < limit, var item = waiting.popFirst() {
            item.attempts += 1
            ids += 1
            let id = DeliveryID(ids)
            leases[id] = Lease(item: item, receiver: receiver, deadline: now + Liveness.leaseMilliseconds)
            deliveries.append(
                Delivery(
                    id: id, attempt: UInt8(clamping: item.attempts), waited: UInt32(clamping: now - item.since),
                    source: item.source, message: item.message))
        }
        return deliveries
    }

    /// The store has it (or refused it for good): it is done here.
    ///
    /// - Returns: nil when its lease had ended before: the receiver of the redelivery answers for it.
    mutating func settle(_ id: DeliveryID, committed: Bool) -> Item? {
        guard let lease = leases.removeValue(forKey: id) else { return nil }
        bytes -= lease.item.bytes
        if committed {
            acked += 1
            failing = nil
        }
        return lease.item
    }

    /// The store could not take it now: it is delivered again after a pause, behind the others, so that one that makes
    /// every transaction fail does not hold them up.
    ///
    /// - Returns: as ``settle(_:committed:)``.
    mutating func postpone(_ id: DeliveryID, because refusal: Refusal, now: Int64) -> Item? {
        guard var item = leases.removeValue(forKey: id)?.item else { return nil }
        item.notBefore = now + RouterLimits.retryMilliseconds
        item.attempts -= 1  // It is the store that failed, not the message.
        postponed.append(item)
        // One receiver that has too much to do says nothing about the store.
        if refusal.code != "busy" { failing = (refusal, now + RouterLimits.retryMilliseconds) }
        return item
    }

    /// Takes back what could not be sent: it was not an attempt.
    /// - Returns: how many of these were still under lease.
    mutating func takeBack(_ ids: [DeliveryID]) -> Int {
        var count = 0
        for id in ids.reversed() {
            guard var item = leases.removeValue(forKey: id)?.item else { continue }
            item.attempts -= 1
            waiting.prepend(item)
            count += 1
        }
        return count
    }

    /// A store that fails is tried with one message at a time: everything else would be checked and written in vain.
    private func allowed(now: Int64) -> Int {
        guard let failing else { return .max }
        return leases.isEmpty && now >= failing.retryAt ? 1 : 0
    }

    /// A receiver is gone: what it had is given to the next one at once.
    /// - Returns: how many messages it had.
    mutating func release(_ receiver: RoutingID, now: Int64) -> Int {
        release(now: now) { $0.receiver == receiver }
    }

    /// Ends leases that ran out. The receivers that held them get their credit back, as they may merely be slow.
    /// - Returns: one entry for each lease that ended.
    mutating func expire(now: Int64) -> [RoutingID] {
        let late = leases.values.filter { $0.deadline <= now }.map(\.receiver)
        if !late.isEmpty { _ = release(now: now) { $0.deadline <= now } }
        return late
    }

    /// Puts the dead letters at the end of the queue, with five new attempts, as many as have room.
    /// - Returns: how many.
    mutating func redeliverDead() -> Int {
        var count = 0
        while let letter = dead.first,
            add(letter.item.message, from: letter.item.source, token: letter.item.token, now: letter.item.since)
        {
            dead.removeFirst()
            count += 1
        }
        return count
    }

    private mutating func release(now: Int64, where matches: (Lease) -> Bool) -> Int {
        let ended = leases.filter { matches($0.value) }.sorted { $0.key > $1.key }
        for (id, lease) in ended {
            leases[id] = nil
            returnToQueue(lease.item, now: now)
        }
        return ended.count
    }

    private mutating func returnToQueue(_ item: Item, now: Int64) {
        guard item.attempts < Liveness.attempts else {
            bytes -= item.bytes
            deadLetters += 1
            if dead.count >= BusLimits.deadLetters { dead.removeFirst() }
            dead.append(Dead(item: item, since: now))
            return
        }
        waiting.prepend(item)
    }
}
