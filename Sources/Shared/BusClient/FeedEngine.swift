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
    private(set) var gaps: UInt64 = 0
    private(set) var repairedMessages: UInt64 = 0
    private(set) var duplicates: UInt64 = 0
    private(set) var unreadable: UInt64 = 0
    var resets: UInt64 { subscribers.resets }

    private let receivers: ReceiverPool
    private let context: LoopContext
    private var subscribers = FeedSubscribers()
    private var sources: [ReceiverID: FeedSource] = [:]
    private var tracks: [StoreID: StoreTrack] = [:]
    private var recent = RecentIDs(capacity: BusClientLimits.recentIDs)
    private var lag = StoreLag()
    /// What each store keeps, by what its receivers say.
    private var channels: [StoreID: Set<NodeID>] = [:]
    private var timer: LoopTimer?
    private var isClosed = false

    private static let beat = Duration.milliseconds(Liveness.beatMilliseconds)
    private static let silence = Duration.milliseconds(Liveness.silenceMilliseconds)

    init(receivers: ReceiverPool, context: LoopContext) {
        self.receivers = receivers
        self.context = context
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
        recent = RecentIDs(capacity: BusClientLimits.recentIDs)
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
            if tracks[source.entry.store] != nil { repair(source.entry.store) }
        }
        for (store, track) in tracks {
            if let since = track.behindSince, now - since >= Self.beat { repair(store) }
        }
    }
}

// Messages.
extension FeedEngine {
    private func received(_ frames: [[UInt8]], from source: FeedSource) {
        let pulse: Pulse
        let rows: [Row]
        switch try? BusMessage.decode(frames, trustsStores: receivers.trustsStores) {
        case .committed(let commit): (pulse, rows) = (commit.pulse, commit.rows)
        case .pulse(let beat): (pulse, rows) = (beat, [])
        default:
            unreadable += 1
            return
        }
        guard pulse.receiver == source.entry.receiver, pulse.store == source.entry.store else {
            unreadable += 1
            return
        }
        take(pulse, rows, news: source.follow(pulse, isCommit: !rows.isEmpty))
    }

    private func take(_ pulse: Pulse, _ rows: [Row], news: FeedSource.News) {
        let store = pulse.store
        if tracks[store] == nil {
            let before = rows.map(\.position).min().map { $0 - min($0, 1) } ?? pulse.position
            tracks[store] = StoreTrack(from: before)
            subscribers.yield(.reset)
        }
        saw(rows, of: store)
        tracks[store]?.heardOf(pulse.position)
        updateBehind(store)
        switch news {
        case .gap:
            gaps += 1
            repair(store)
        // A store that went back, such as one from a backup? It is asked.
        case .first where pulse.position < tracks[store]?.complete ?? 0: repair(store)
        case .first, .expected, .old: break
        }
    }

    private func saw(_ rows: [Row], of store: StoreID) {
        var new: [FeedMessage] = []
        for row in rows {
            tracks[store]?.saw(row.position)
            let isNew = recent.insert(row.stored.message.id)
            let keepers = channels.filter { $0.value.contains(row.stored.message.end) }.map(\.key)
            lag.announced(row.stored.message.id, by: store, isNew: isNew, to: keepers, now: .now)
            if isNew {
                new.append(FeedMessage(store: store, row: row))
            } else {
                duplicates += 1
            }
        }
        if !new.isEmpty { subscribers.yield(.messages(new)) }
    }

    /// Another receiver's announcement may be on its way; what is still missing after a beat is asked for.
    private func updateBehind(_ store: StoreID) {
        guard let track = tracks[store] else { return }
        if !track.isBehind {
            tracks[store]?.behindSince = nil
        } else if track.behindSince == nil {
            tracks[store]?.behindSince = .now
        }
    }
}

// Repairs.
extension FeedEngine {
    /// Asks the store for everything after what is complete.
    private func repair(_ store: StoreID) {
        guard let track = tracks[store] else { return }
        guard !track.isRepairing else {
            tracks[store]?.isDueAgain = true
            return
        }
        tracks[store]?.isRepairing = true
        tracks[store]?.isDueAgain = false
        tracks[store]?.repaired = 0
        fetch(store)
    }

    private func fetch(_ store: StoreID) {
        guard let track = tracks[store] else { return }
        let query = Query.after(position: track.complete, limit: UInt32(BusLimits.pageRows))
        receivers.query(query, of: store, timeout: BusClientLimits.queryTimeout) { [weak self] result in
            self?.fetched(result, of: store)
        }
    }

    private func fetched(_ result: Result<Answer, BusError>, of store: StoreID) {
        guard let track = tracks[store] else { return }
        guard case .success(let answer) = result, case .rows(let rows, let more) = answer.body, answer.store == store
        else {
            // It stays behind, and the next beat tries again.
            tracks[store]?.isRepairing = false
            if track.behindSince == nil { tracks[store]?.behindSince = .now }
            return
        }
        guard answer.position >= track.complete else {
            tracks[store]?.restart(from: answer.position)
            return repaired(store, tellingReset: true)
        }
        let before = duplicates
        saw(rows, of: store)
        repairedMessages += UInt64(rows.count) - min(UInt64(rows.count), duplicates - before)
        tracks[store]?.repaired += rows.count
        guard more, let last = rows.last else {
            tracks[store]?.isComplete(to: answer.position)
            return repaired(store)
        }
        tracks[store]?.isComplete(to: last.position)
        guard track.repaired + rows.count < BusClientLimits.repairRows else {
            tracks[store]?.isComplete(to: answer.position)
            return repaired(store, tellingReset: true)
        }
        fetch(store)
    }

    private func repaired(_ store: StoreID, tellingReset: Bool = false) {
        tracks[store]?.isRepairing = false
        if tellingReset { subscribers.yield(.reset) }
        updateBehind(store)
        if tracks[store]?.isDueAgain == true { repair(store) }
    }
}
