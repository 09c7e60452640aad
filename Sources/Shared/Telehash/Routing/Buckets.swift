import TelehashWire

/// Kademlia's table: for every distance from here a few switches that answer, and some that could take their place.
///
/// An entry is there because it answered us over a proven line. The line may end when nobody needs it; the entry leaves
/// when the switch does not answer any more, never because another one came.
struct Buckets: Sendable {
    /// What we know of a switch, from little to much.
    enum Evidence: Int, Comparable, Sendable {
        /// A proven switch named it.
        case heardOf
        /// It asked us over a proven line.
        case askedUs
        /// It answered us over a proven line, which may have been possible only because it had opened its NAT for us.
        case answeredUs
        /// It answered a dial that came to it unasked: it can be reached by everybody.
        case reached

        static func < (a: Evidence, b: Evidence) -> Bool { a.rawValue < b.rawValue }
    }

    struct Entry: Sendable {
        let endpoint: Endpoint
        let id: NodeID
        var evidence: Evidence
        /// When it was heard, or heard of, last.
        var at: Instant
    }

    struct Bucket: Sendable {
        var entries: [Entry] = []
        var replacements: [Entry] = []
        var refreshedAt: Instant?
    }

    /// Our own place. Provisional until the own address is known.
    private(set) var center: NodeID
    private(set) var buckets: [Bucket]
    private var groups: [AddressGroup: Int] = [:]
    private let limits: Limits
    private(set) var count = 0
    /// The distance of the k-th closest entry; `nil` while there are fewer.
    private(set) var neighbourRadius: NodeID?

    init(center: NodeID, limits: Limits) {
        self.center = center
        self.limits = limits
        buckets = Array(repeating: Bucket(), count: 160)
    }

    /// Takes note of a switch. Entries are only made of those that answered us; others may become replacements.
    mutating func note(_ endpoint: Endpoint, id: NodeID, evidence: Evidence, now: Instant) {
        let index = center.bucket(to: id)
        guard buckets.indices.contains(index) else { return }
        if let known = buckets[index].entries.firstIndex(where: { $0.endpoint == endpoint }) {
            if evidence > .heardOf { buckets[index].entries[known].at = now }
            buckets[index].entries[known].evidence = max(buckets[index].entries[known].evidence, evidence)
            return
        }
        let entry = Entry(endpoint: endpoint, id: id, evidence: evidence, at: now)
        if evidence >= .answeredUs, hasRoom(for: endpoint, in: index) {
            buckets[index].replacements.removeAll { $0.endpoint == endpoint }
            buckets[index].entries.append(entry)
            if endpoint.isPublic { groups[AddressDiversity.tableGroup(of: endpoint), default: 0] += 1 }
            count += 1
            measureNeighbourhood()
        } else {
            cache(entry, in: index)
        }
    }

    /// Whether one more switch with this address would become an entry.
    func wants(_ endpoint: Endpoint, id: NodeID) -> Bool {
        let index = center.bucket(to: id)
        return buckets.indices.contains(index) && hasRoom(for: endpoint, in: index)
            && !buckets[index].entries.contains { $0.endpoint == endpoint }
    }

    func entry(_ endpoint: Endpoint, id: NodeID) -> Entry? {
        let index = center.bucket(to: id)
        guard buckets.indices.contains(index) else { return nil }
        return buckets[index].entries.first { $0.endpoint == endpoint }
    }

    /// Whether an entry is one of the k closest to us.
    func isNeighbour(_ endpoint: Endpoint, id: NodeID) -> Bool {
        if let neighbourRadius, neighbourRadius < center.distance(to: id) { return false }
        return entry(endpoint, id: id) != nil
    }

    /// The switch does not answer any more. Returns who could take its place, best evidence and latest news first. It
    /// is still heard of, and gets another chance when nobody better is left.
    mutating func remove(_ endpoint: Endpoint, id: NodeID, now: Instant) -> [Entry] {
        let index = center.bucket(to: id)
        guard buckets.indices.contains(index) else { return [] }
        buckets[index].replacements.removeAll { $0.endpoint == endpoint }
        guard let position = buckets[index].entries.firstIndex(where: { $0.endpoint == endpoint }) else { return [] }
        buckets[index].entries.remove(at: position)
        if endpoint.isPublic { uncount(AddressDiversity.tableGroup(of: endpoint)) }
        count -= 1
        measureNeighbourhood()
        let replacements = buckets[index].replacements.sorted { ($1.evidence, $1.at) < ($0.evidence, $0.at) }
        cache(Entry(endpoint: endpoint, id: id, evidence: .heardOf, at: now), in: index)
        return replacements
    }

    /// A replacement did not answer: it is of no use.
    mutating func forget(_ endpoint: Endpoint, id: NodeID) {
        let index = center.bucket(to: id)
        guard buckets.indices.contains(index) else { return }
        buckets[index].replacements.removeAll { $0.endpoint == endpoint }
    }

    /// Moves the table to our true place.
    mutating func move(to newCenter: NodeID, now: Instant) {
        guard newCenter != center else { return }
        let old = buckets
        self = Buckets(center: newCenter, limits: limits)
        for entry in old.flatMap(\.entries) + old.flatMap(\.replacements) {
            note(entry.endpoint, id: entry.id, evidence: entry.evidence, now: entry.at)
        }
    }

    /// Switches that were heard of and could be asked, nearest to `target` first, one per public host.
    func replacements(closestTo target: NodeID, count: Int) -> [Entry] {
        nearest(to: target, count: count) { $0.replacements }
    }

    /// The entries nearest to `target`, nearest first, one per public host.
    func closest(to target: NodeID, count: Int) -> [Entry] {
        nearest(to: target, count: count) { $0.entries }
    }

    /// Entries and replacements of which something was heard since `moment`, nearest first, one per public host. On the
    /// way to a place a miss costs little, and the more are known the fewer steps there are.
    func candidates(closestTo target: NodeID, count: Int, heardSince moment: Instant) -> [Entry] {
        nearest(to: target, count: count) { $0.entries + $0.replacements.filter { $0.at >= moment } }
    }

    private func nearest(to target: NodeID, count: Int, of those: (Bucket) -> [Entry]) -> [Entry] {
        var closest = ClosestList<Entry>(place: target, capacity: count)
        for bucket in buckets {
            for entry in those(bucket) { closest.offer(entry, at: entry.endpoint, id: entry.id) }
        }
        return closest.elements
    }

    /// The entry that was not heard for longest, besides those that are being checked.
    func stalest(besides checked: (Endpoint) -> Bool) -> Entry? {
        buckets.flatMap(\.entries).filter { !checked($0.endpoint) }.min { $0.at < $1.at }
    }

    /// How many switches stand at each distance that has any, nearest first.
    var population: [(distance: Int, switches: Int)] {
        buckets.enumerated().filter { !$0.element.entries.isEmpty }.map { ($0.offset, $0.element.entries.count) }
    }

    /// How many switches could take the place of others.
    var replacementCount: Int { buckets.reduce(0) { $0 + $1.replacements.count } }

    /// The distance whose bucket was refreshed longest ago, among those that can hold anybody we could find: from
    /// just below the nearest inhabited one upwards. Marks it as refreshed.
    mutating func nextToRefresh(now: Instant) -> Int? {
        guard let nearest = buckets.firstIndex(where: { !$0.entries.isEmpty }) else { return nil }
        let candidates = max(nearest - 1, 0)..<buckets.count
        let oldest = candidates.min {
            (buckets[$0].refreshedAt ?? Instant(nanoseconds: .min), $1)
                < (buckets[$1].refreshedAt ?? Instant(nanoseconds: .min), $0)
        }
        guard let oldest else { return nil }
        buckets[oldest].refreshedAt = now
        return oldest
    }
}

extension Buckets {
    private mutating func measureNeighbourhood() {
        neighbourRadius = nil
        guard count >= limits.routing.k else { return }
        var inner = 0
        for bucket in buckets where !bucket.entries.isEmpty {
            guard inner + bucket.entries.count >= limits.routing.k else {
                inner += bucket.entries.count
                continue
            }
            let distances = bucket.entries.map { center.distance(to: $0.id) }.sorted()
            neighbourRadius = distances[limits.routing.k - inner - 1]
            return
        }
    }

    private func hasRoom(for endpoint: Endpoint, in index: Int) -> Bool {
        let entries = buckets[index].entries
        guard entries.count < limits.routing.k else { return false }
        guard endpoint.isPublic else { return true }
        guard groups[AddressDiversity.tableGroup(of: endpoint), default: 0] < limits.routing.perGroupInTable else {
            return false
        }
        return Buckets.neighbours(of: endpoint, in: entries) < limits.routing.perNarrowGroupInBucket
            && !entries.contains { AddressDiversity.areTheSameHost($0.endpoint, endpoint) }
    }

    /// Replacements give way to better evidence, the oldest first; hearsay never displaces one that spoke to us.
    private mutating func cache(_ entry: Entry, in index: Int) {
        if let known = buckets[index].replacements.firstIndex(where: { $0.endpoint == entry.endpoint }) {
            let evidence = max(buckets[index].replacements[known].evidence, entry.evidence)
            buckets[index].replacements[known].evidence = evidence
            buckets[index].replacements[known].at = entry.at
            return
        }
        if entry.endpoint.isPublic {
            let neighbours = Buckets.neighbours(of: entry.endpoint, in: buckets[index].replacements)
            guard neighbours < limits.routing.perNarrowGroupInBucket else { return }
        }
        if buckets[index].replacements.count >= limits.routing.replacements {
            let replacements = buckets[index].replacements
            guard
                let worst = replacements.indices.min(by: {
                    (replacements[$0].evidence, replacements[$0].at) < (replacements[$1].evidence, replacements[$1].at)
                }), replacements[worst].evidence <= entry.evidence
            else { return }
            buckets[index].replacements.remove(at: worst)
        }
        buckets[index].replacements.append(entry)
    }

    private static func neighbours(of endpoint: Endpoint, in entries: [Entry]) -> Int {
        entries.count { $0.endpoint.isPublic && $0.endpoint.narrowGroup == endpoint.narrowGroup }
    }

    private mutating func uncount(_ group: AddressGroup) {
        guard let count = groups[group] else { return }
        groups[group] = count > 1 ? count - 1 : nil
    }

    /// The most entries, and the most replacements, that any bucket has.
    var fullest: (entries: Int, replacements: Int) {
        buckets.reduce((0, 0)) { (max($0.0, $1.entries.count), max($0.1, $1.replacements.count)) }
    }
}
