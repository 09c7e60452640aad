import Bus
import BusClient
import ReceiverStore
import Synchronization

/// Fetches from the node's other stores what this one lacks.
///
/// The router gives every message to every store, but it keeps in memory what a store has not yet acknowledged: when it
/// is killed, or when a store stays away for longer than it waits, some stores have what others lack. And a store that
/// is new has nothing. So one receiver of each store reads, every few seconds, what the other stores have committed
/// since it last did; the places up to which it has read are kept in the store.
struct Replicator: Sendable {
    let client: BusClient
    let receiver: ReceiverID
    let household: Household
    private let held = HeldPlaces()

    /// Until the task is cancelled.
    func run() async {
        var round = 0
        while !Task.isCancelled {
            do { try await Task.sleep(for: Limits.replicationPause) } catch { return }
            await readOthers(withRules: round.isMultiple(of: Limits.roundsPerRules))
            round += 1
        }
    }

    /// One round. A store that does not answer is read in a later one.
    func readOthers(withRules: Bool) async {
        guard let directory = try? await client.directory() else { return }
        // One of the receivers of a store is enough; they all see the same directory.
        let ours = directory.receivers.filter { $0.store == household.store.id }
        guard ours.map(\.receiver.id.description).min() == receiver.id.description else { return }
        let others = Set(directory.receivers.map(\.store)).subtracting([household.store.id])
        for other in others.sorted(by: { $0.description < $1.description }) {
            do {
                // Before the messages, so that none is shown for a moment that is hidden there.
                if withRules {
                    let news = try await readRules(of: other)
                    if news > 0 {
                        household.logger.notice("took over rules", metadata: ["from": "\(other)", "rules": "\(news)"])
                    }
                }
                let added = try await read(other)
                guard added > 0 else { continue }
                household.counters.add("messages_replicated", UInt64(added))
                household.logger.info(
                    "fetched what was missing", metadata: ["from": "\(other)", "messages": "\(added)"])
            } catch {
                household.counters.add("replication_failures")
            }
        }
    }

    /// Reads one store from where the last round ended.
    /// - Returns: how many messages were missing here.
    private func read(_ other: StoreID) async throws -> Int {
        let generation = household.admission.channels.generation
        var place = held.place(
            of: other, kept: try await household.replicas.run { try household.store.replicaPosition(of: other) },
            now: .now)
        defer { held.set(place, of: other, now: .now) }
        var added = 0
        while !Task.isCancelled {
            let query = Query.after(position: place.reached, limit: UInt32(BusLimits.pageRows))
            let answer = try await client.query(query, of: other)
            guard case .rows(let rows, let more) = answer.body else { break }
            // It was put back to an earlier state: its places mean something else now.
            if answer.position < place.reached {
                place = HeldPlaces.Place(reached: 0)
                try await keep(0, of: other)
                continue
            }
            guard let last = rows.last else { break }
            let taken = try await household.take(rows.map(\.stored))
            added += Int(taken.counts.stored)
            // A new channel: the other store is read from its beginning, in the next round.
            guard generation == household.admission.channels.generation else { break }
            if place.heldFor == nil, let first = household.firstToAwait(rows, taken) {
                household.counters.add(first.reason.counter)
                try await keep(max(first.row.position, 1) - 1, of: other)
                place.heldFor = first.reason
            }
            place.reached = last.position
            if place.heldFor == nil { try await keep(place.reached, of: other) }
            guard more else { break }
        }
        return added
    }

    private func keep(_ position: UInt64, of other: StoreID) async throws(StoreError) {
        try await household.replicas.run { try household.store.setReplicaPosition(of: other, to: position) }
    }

    /// Takes over what an operator told the other store: one that was away when a message was hidden, or that is new, must
    /// not show it. The newest word about a subject counts.
    ///
    /// - Returns: how many were news.
    private func readRules(of other: StoreID) async throws -> Int {
        var news = 0
        for kind in Rule.Kind.allCases { news += try await readRules(kind, of: other) }
        return news
    }

    private func readRules(_ kind: Rule.Kind, of other: StoreID) async throws -> Int {
        var news = 0
        var last: [UInt8]?
        while !Task.isCancelled {
            let query = Query.rules(kind, after: last, limit: UInt32(BusLimits.rules))
            let answer = try await client.query(query, of: other)
            guard case .rules(let rules, let more) = answer.body else { break }
            news += try await household.adopt(rules)
            last = rules.last?.subjectBytes
            guard more, last != nil else { break }
        }
        return news
    }
}

/// How far other stores were read beyond the places that are kept in this store.
///
/// A message whose time cannot be yet is not taken, but when the clock that was wrong is put right it must not be missing
/// for ever; nor must a stranger's for which the disk has no room. So the kept place stays before the first such message:
/// reading goes on behind it, and begins there anew after a pause and at each start.
final class HeldPlaces: Sendable {
    enum Reason: Sendable {
        case early, noRoom

        var pause: Duration { self == .early ? Limits.earlyPause : Limits.roomPause }

        var counter: String {
            self == .early ? "messages_replicated_too_early" : "messages_replicated_without_room"
        }
    }

    struct Place: Hashable, Sendable {
        var reached: UInt64
        /// The kept place is not `reached` but that of a message that cannot be taken yet.
        var heldFor: Reason?
    }

    private struct Held {
        let place: Place
        let since: ContinuousClock.Instant
    }

    private let held = Mutex<[StoreID: Held]>([:])

    /// Where to go on reading.
    func place(of store: StoreID, kept: UInt64, now: ContinuousClock.Instant) -> Place {
        held.withLock { held in
            guard let one = held[store], let reason = one.place.heldFor,
                one.since.duration(to: now) < reason.pause
            else {
                held[store] = nil
                return Place(reached: kept)
            }
            return one.place
        }
    }

    func set(_ place: Place, of store: StoreID, now: ContinuousClock.Instant) {
        held.withLock { held in
            held[store] = place.heldFor == nil ? nil : Held(place: place, since: held[store]?.since ?? now)
        }
    }
}
