import Bus
import Messages
import TelehashWire

import struct Telehash.DeliveryToken
import struct Telehash.Distribution
import enum Telehash.Judgement

/// Names a connection on the router's socket; libzmq makes it up.
struct RoutingID: Hashable, Sendable {
    let bytes: [UInt8]
}

/// The bus side of the router as a value: what comes in are messages and the time (milliseconds of a monotonic clock),
/// what comes out are ``HubEffect``s.
///
/// A client's message goes to every store of the node and to the followers of its channel at once, and to the mesh as soon
/// as a store has it (or at once, where no store keeps its channel); the receipt goes back when enough of them have
/// answered. A message from the mesh goes to stores and followers. No message is verified here: that is the receivers'
/// work.
///
/// Whatever comes in only fills the stores' queues; after a burst of it the shell calls ``dispatch(now:)``, so that
/// messages that came together are delivered together.
struct Hub {
    struct Receiver {
        let hello: Hello
        var lastSeen: Int64
        var outstanding = 0
        /// The last delivery that it was given. Of receivers with equal work, the one that waits longest is next.
        var lastDelivery: UInt64 = 0
        /// Its queue was full, and nothing was heard of it since.
        var isCongested = false

        var credit: Int { isCongested ? 0 : max(0, Int(hello.credit) - outstanding) }
        /// Smaller is sooner.
        var turn: (Int, UInt64) { (outstanding, lastDelivery) }
    }

    struct Follower {
        let ends: Set<NodeID>
        var lastSeen: Int64
    }

    struct FollowerID: Hashable {
        let client: RoutingID
        let request: RequestID
    }

    let version: String
    /// What the router's own flags name.
    let ownChannels: [Channel]
    /// Until then a hub that was just made cannot know which stores this node has, in milliseconds.
    let patienceEnd: Int64
    var receivers: [RoutingID: Receiver] = [:]
    var stores: [StoreID: StoreQueue] = [:]
    /// What the receivers of each store name, or last named; there is one entry for each of ``stores``.
    var named: [StoreID: Set<Channel>] = [:]
    /// What every store of this node takes: all that a flag gave to any of its processes.
    private(set) var channels: [Channel] = []
    private(set) var ends: Set<NodeID> = []
    var followers: [FollowerID: Follower] = [:]
    var publications: [MessageKey: Publication] = [:]
    /// Those that this round of looks at deadlines has not come to.
    var unsettled: [MessageKey] = []
    var recent = Recent<MessageKey>(capacity: RouterLimits.recentMessages)
    /// Of these what came from the mesh and found no room in any store's queue, or was refused for the sake of its bringer.
    var unplaced = Recent<MessageKey>(capacity: RouterLimits.recentMessages)
    /// What stores of this node took a moment ago, so that a duplicate at another store is not taken for a replay.
    var justStored = Recent<MessageKey>(capacity: RouterLimits.justStored)
    /// What was handed to the mesh after a store had it.
    var handedOver = Recent<MessageKey>(capacity: RouterLimits.recentMessages)
    /// What the shell has to do, in this order.
    var effects: [HubEffect] = []
    var counters = Tally<HubEvent>()
    /// Milliseconds from a client's message to its receipt or refusal.
    var receiptTimes = Distribution(bounds: RouterLimits.receiptBounds)
    var lastBeat: Int64
    private(set) var tappedEnds: Set<NodeID> = []
    var deliveryIDs: UInt64 = 0
    /// What was last asked to be kept.
    private var remembered: [RememberedStore]?

    /// - Parameters:
    ///   - channels: those of the router's own flags.
    ///   - remembered: the stores that an earlier router of this node had. They count as away since now; nil: nobody knows.
    ///   - patience: milliseconds that a hub without such knowledge gives receivers to introduce themselves, before it
    ///     takes the node for one without a store.
    init(
        version: String, channels: [Channel] = [], remembered: [RememberedStore]? = nil, patience: Int64 = 0, now: Int64
    ) {
        self.version = version
        ownChannels = channels
        patienceEnd = remembered == nil ? now + patience : now
        lastBeat = now
        self.remembered = remembered
        for one in remembered ?? [] {
            stores[one.store] = StoreQueue(now: now)
            named[one.store] = one.channels
        }
        _ = collectChannels()
    }

    /// What the shell has to do since it last asked.
    mutating func takeEffects() -> [HubEffect] {
        defer { effects = [] }
        return effects
    }

    /// Whether a store of this node takes this channel; it may be away.
    func keeps(_ end: NodeID) -> Bool { !stores.isEmpty && ends.contains(end) }

    /// Whether what is published there waits for a store before it is spread.
    func awaitsStore(_ end: NodeID, now: Int64) -> Bool { keeps(end) || now < patienceEnd }

    /// Milliseconds from `now` at which ``tick(now:)`` has something to do.
    func nextTick(now: Int64) -> Int64 {
        publications.isEmpty
            ? max(1, lastBeat + Liveness.beatMilliseconds - now) : RouterLimits.busyTickMilliseconds
    }

    /// A message that matched one of our taps: to every store and follower of its channel.
    ///
    /// - Parameters:
    ///   - peer: the switch that handed it over.
    ///   - token: how the switch knows it.
    ///   - isPlain: whether there was nothing but the message in what came.
    mutating func arrivedFromMesh(
        _ message: SignedMessage, by peer: String, token: DeliveryToken? = nil, isPlain: Bool = true, now: Int64
    ) {
        counters[.fromMesh] += 1
        let key = MessageKey(message)
        let isNew = recent.insert(key)
        guard isNew || unplaced.remove(key) else {
            counters[.duplicatesFromMesh] += 1
            // The switch knows copies. Who puts something beside a message makes new signals of it without end, which nobody
            // looks at again.
            if let token, token.isHeld || !isPlain {
                effects.append(.judged(token, message, isPlain ? .unknown : .unchecked))
            }
            return
        }
        if enqueue(message, from: .peer(peer), token: token, now: now).isEmpty {
            counters[.withoutStore] += 1
            if keeps(message.end) {
                // Who brings it next, or again, may find room.
                unplaced.insert(key)
                if let token { effects.append(.judged(token, message, .dropped)) }
            } else if let token, token.isHeld {
                // Where nobody keeps the channel nobody will judge it, so the mesh need not wait.
                effects.append(.judged(token, message, .unknown))
            }
        }
        if isNew { tellFollowers(message) }
    }

    /// The mesh reports how many switches proved that they took a publication.
    mutating func progressed(_ id: MessageKey, taken: Int, finished: Bool, now: Int64) {
        publications[id]?.taken = taken
        if finished {
            publications[id]?.meshFinished = true
            // A node that has just started may know its first switch in a moment.
            if taken == 0 { publications[id]?.meshRetryAt = now + RouterLimits.retryMilliseconds }
        }
        settle(id, now: now)
    }

    /// Puts a message into the queue of every store, where they take its channel.
    /// - Returns: the stores whose queues had room.
    mutating func enqueue(_ message: SignedMessage, from source: Source, token: DeliveryToken? = nil, now: Int64)
        -> Set<StoreID>
    {
        guard ends.contains(message.end) else { return [] }
        var taken: Set<StoreID> = []
        // The keys alone would share the queues, which then are copied when they change.
        for store in Array(stores.keys) {
            if stores[store]?.add(message, from: source, token: token, now: now) == true {
                taken.insert(store)
            } else {
                counters[.queueFull] += 1
            }
            for item in stores[store]?.takeDisplaced() ?? [] { didDisplace(item) }
        }
        return taken
    }

    /// Another peer's message has the room of this one, which may find it when it comes again.
    private mutating func didDisplace(_ item: StoreQueue.Item) {
        counters[.queueFull] += 1
        unplaced.insert(MessageKey(item.message))
        if let token = item.token { effects.append(.judged(token, item.message, .dropped)) }
    }

    mutating func tellFollowers(_ message: SignedMessage) {
        for (id, follower) in followers where follower.ends.contains(message.end) {
            effects.append(.live(message, id.request, to: id.client))
        }
    }

    /// Follows who was given which channels: all receivers take them all, and the next router shall know of them.
    ///
    /// - Parameter peer: a receiver that has to be told in any case.
    mutating func updateChannels(telling peer: RoutingID? = nil) {
        let isNew = collectChannels()
        for receiver in receivers.keys where isNew || receiver == peer {
            effects.append(.send(.channels(channels), to: receiver))
        }
        let present = named.map { RememberedStore(store: $0, channels: $1) }
            .sorted { $0.store.description < $1.store.description }
        if present != remembered { effects.append(.remember(present)) }
        remembered = present
        updateTaps()
    }

    /// - Returns: whether they are others than before.
    private mutating func collectChannels() -> Bool {
        let given = named.values.reduce(into: Set()) { $0.formUnion($1) }.subtracting(ownChannels)
        let all = ownChannels + given.sorted { $0.name < $1.name }
        // More than anybody's flags name; those of the router come first.
        let collected = Array(all.prefix(BusLimits.channels))
        defer {
            channels = collected
            ends = Set(collected.map(\.end))
        }
        return collected != channels
    }

    /// Follows who listens: our taps are the channels of the stores and of all followers.
    mutating func updateTaps() {
        let wanted = followers.values.reduce(into: stores.isEmpty ? [] : ends) { $0.formUnion($1.ends) }
        guard wanted != tappedEnds else { return }
        tappedEnds = wanted
        effects.append(.tap(wanted))
    }

    func directory(now: Int64) -> Directory {
        Directory(
            routerVersion: version,
            receivers: receivers.values.map {
                Directory.Entry(
                    receiver: $0.hello.receiver, store: $0.hello.store, queryEndpoint: $0.hello.queryEndpoint,
                    feedEndpoint: $0.hello.feedEndpoint, channels: channels, key: $0.hello.key)
            }.sorted { $0.queryEndpoint < $1.queryEndpoint },
            channels: stores.isEmpty ? (now < patienceEnd ? nil : []) : channels)
    }
}

/// What the shell has to do after an event of the ``Hub``.
enum HubEffect: Sendable, Hashable {
    case send(BusMessage, to: RoutingID)
    /// A message for a follower; the shell adds the wall clock's time, as the hub has only a monotonic one.
    case live(SignedMessage, RequestID, to: RoutingID)
    /// Spread a message over the mesh and report with ``Hub/progressed(_:taken:finished:now:)``.
    case publish(SignedMessage, Origin)
    /// What became of a message of the mesh: a store took it, which did not have it, so its signature is genuine; or a
    /// receiver found the signature wrong; or what else a receiver said of it.
    case judged(DeliveryToken, SignedMessage, Judgement)
    /// Listen to these ends, and no others.
    case tap(Set<NodeID>)
    /// Keep this for the next router of the node.
    case remember([RememberedStore])
    /// Answer with the switch's state and ours.
    case reportStatus(RequestID, to: RoutingID)
    /// For the operator.
    case note(HubNote)
}

/// A store of this node, and what its receivers named.
struct RememberedStore: Sendable, Hashable {
    let store: StoreID
    let channels: Set<Channel>
}

/// Events that are worth a line in the log.
enum HubNote: Sendable, Hashable {
    case receiverJoined(ReceiverID, StoreID)
    case receiverLeft(ReceiverID, StoreID, why: String)
    case storeForgotten(StoreID, dropped: Int)
    /// `total` messages since the start could not be placed in five deliveries.
    case deadLetters(StoreID, total: UInt64)
}
