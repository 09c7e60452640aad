import Bus
import Messages
import TelehashWire
import ZeroMQ

/// Listens to the feeds of all receivers and makes one out of them: each message once, gaps filled by queries.
///
/// A feed is a hint, the store is the truth: whatever went wrong (a lost message, a receiver that was restarted or went
/// silent), it shows in that the store is further on than what was seen of it, and the cure is always to ask the store
/// for what comes after that.
final class FeedEngine {
    private let receivers: ReceiverPool
    private let counters: ClientCounters
    private let context: LoopContext
    private var subscribers: FeedSubscribers
    private var sources: [ReceiverID: FeedSource] = [:]
    private var tracks: [StoreID: StoreTrack] = [:]
    private var recent = Recent<MessageID>(capacity: BusClientLimits.recentIDs)
    private var lag = StoreLag()
    /// What each store keeps, by what its receivers say.
    private var channels: [StoreID: Set<NodeID>] = [:]
    private var timer: LoopTimer?
    private var isClosed = false

    private static let beat = Duration.milliseconds(Liveness.beatMilliseconds)
    private static let silence = Duration.milliseconds(Liveness.silenceMilliseconds)

    init(receivers: ReceiverPool, counters: ClientCounters, context: LoopContext) {
        self.receivers = receivers
        self.counters = counters
        self.context = context
        subscribers = FeedSubscribers(counters: counters)
    }

    func subscribe(_ key: UInt64, _ continuation: FeedSubscribers.Continuation) {
        guard !isClosed else { return continuation.finish() }
        subscribers.add(key, continuation)
        guard timer == nil else { return }
        receivers.onDirectory = { [weak self] entries in self?.directoryChanged(entries) }
        receivers.isBehind = { [weak self] store in self?.lag.isBehind(store, now: .now) ?? false }
        timer = context.every(Self.beat) { [weak self] in self?.tick() }
        directoryChanged(receivers.members.values.map(\.entry))
        receivers.renewDirectory(olderThan: .zero)
    }

    func unsubscribe(_ key: UInt64) {
        subscribers.remove(key)
        if subscribers.isEmpty { stop() }
    }

    func close() {
        isClosed = true
        subscribers.removeAll()
        stop()
    }

    private func stop() {
        timer?.cancel()
        timer = nil
        receivers.onDirectory = nil
        receivers.isBehind = { _ in false }
        for source in sources.values { source.close() }
        sources = [:]
        tracks = [:]
        channels = [:]
        lag = StoreLag()
        recent = Recent<MessageID>(capacity: BusClientLimits.recentIDs)
    }
}

// Receivers come and go.
extension FeedEngine {
    private func directoryChanged(_ entries: [Directory.Entry]) {
        let named = Set(entries.map(\.receiver))
        let now = ContinuousClock.now
        // A router that was restarted knows nobody for a moment: who still speaks, stays.
        for (id, source) in sources where !named.contains(id) && now - source.heard > Self.silence {
            source.close()
            sources[id] = nil
        }
        for entry in entries where sources[entry.receiver]?.entry != entry {
            channels[entry.store, default: []].formUnion(entry.channels.map(\.end))
            sources.removeValue(forKey: entry.receiver)?.close()
            // Without a socket now, the next directory is another chance.
            sources[entry.receiver] = try? FeedSource(
                entry, curve: receivers.curve(to: entry), context: context
            ) { [weak self] source, frames in
                self?.received(frames, from: source)
            }
        }
    }

    private func tick() {
        receivers.renewDirectory(olderThan: Self.beat / 2)
        subscribers.tellResets()
        let now = ContinuousClock.now
        for source in sources.values where now - source.heard > Self.silence {
            source.reopen()
            // What it would have said can be asked of whoever else has this store.
            if let track = tracks[source.entry.store] { repair(track) }
        }
        for track in tracks.values {
            if let since = track.behindSince, now - since >= Self.beat { repair(track) }
        }
    }
}

// Messages.
extension FeedEngine {
    private func received(_ frames: [[UInt8]], from source: FeedSource) {
        let pulse: Pulse
        let rows: [Row]
        var rules: [Rule] = []
        switch try? BusMessage.decode(frames, trustsStores: receivers.trustsStores) {
        case .committed(let now, let committed): (pulse, rows) = (now, committed)
        case .pulse(let now): (pulse, rows) = (now, [])
        case .ruled(let now, let said): (pulse, rows, rules) = (now, [], said)
        default:
            counters.now.unreadable += 1
            return
        }
        guard pulse.receiver == source.entry.receiver, pulse.store == source.entry.store else {
            counters.now.unreadable += 1
            return
        }
        take(pulse, rows, news: source.follow(pulse, isCommit: !rows.isEmpty || !rules.isEmpty))
        if !rules.isEmpty { subscribers.yield(.rules(rules)) }
    }

    private func take(_ pulse: Pulse, _ rows: [Row], news: FeedSource.News) {
        let track = track(pulse, rows)
        saw(rows, of: track)
        track.heardOf(pulse.position)
        track.updateBehind()
        switch news {
        case .gap:
            counters.now.gaps += 1
            repair(track)
        // A store that went back, such as one from a backup? It is asked.
        case .first where pulse.position < track.complete: repair(track)
        case .first, .expected, .old: break
        }
    }

    /// What is known of the pulse's store; begun where it is new.
    private func track(_ pulse: Pulse, _ rows: [Row]) -> StoreTrack {
        if let track = tracks[pulse.store] { return track }
        let before = rows.map(\.position).min().map { $0 - min($0, 1) } ?? pulse.position
        let track = StoreTrack(of: pulse.store, from: before)
        tracks[pulse.store] = track
        subscribers.yield(.reset)
        return track
    }

    private func saw(_ rows: [Row], of track: StoreTrack) {
        var new: [FeedMessage] = []
        for row in rows {
            track.saw(row.position)
            let isNew = recent.insert(row.stored.message.id)
            let keepers = channels.filter { $0.value.contains(row.stored.message.end) }.map(\.key)
            lag.announced(row.stored.message.id, by: track.store, isNew: isNew, to: keepers, now: .now)
            if isNew {
                new.append(FeedMessage(store: track.store, row: row))
            } else {
                counters.now.duplicates += 1
            }
        }
        if !new.isEmpty { subscribers.yield(.messages(new)) }
    }
}

// Repairs.
extension FeedEngine {
    /// Asks the store for everything after what is complete.
    private func repair(_ track: StoreTrack) {
        guard !track.isRepairing else {
            track.isDueAgain = true
            return
        }
        track.isRepairing = true
        track.isDueAgain = false
        track.repaired = 0
        fetch(track)
    }

    private func fetch(_ track: StoreTrack) {
        let query = Query.after(position: track.complete, limit: UInt32(BusLimits.pageRows))
        receivers.query(query, of: track.store, timeout: BusClientLimits.queryTimeout) { [weak self] result in
            // Meanwhile the last subscriber may have gone, and another come.
            guard let self, tracks[track.store] === track else { return }
            fetched(result, track)
        }
    }

    private func fetched(_ result: Result<Answer, BusError>, _ track: StoreTrack) {
        guard case .success(let answer) = result, case .rows(let rows, let more) = answer.body,
            answer.store == track.store
        else {
            // It stays behind, and the next beat tries again.
            track.isRepairing = false
            if track.behindSince == nil { track.behindSince = .now }
            return
        }
        guard answer.position >= track.complete else {
            track.restart(from: answer.position)
            return repaired(track, tellingReset: true)
        }
        let before = counters.now.duplicates
        saw(rows, of: track)
        counters.now.repairedMessages += UInt64(rows.count) - min(UInt64(rows.count), counters.now.duplicates - before)
        track.repaired += rows.count
        guard more, let last = rows.last else {
            track.isComplete(to: answer.position)
            return repaired(track)
        }
        track.isComplete(to: last.position)
        guard track.repaired < BusClientLimits.repairRows else {
            track.isComplete(to: answer.position)
            return repaired(track, tellingReset: true)
        }
        fetch(track)
    }

    private func repaired(_ track: StoreTrack, tellingReset: Bool = false) {
        track.isRepairing = false
        if tellingReset { subscribers.yield(.reset) }
        track.updateBehind()
        if track.isDueAgain { repair(track) }
    }
}
