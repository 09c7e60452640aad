/// Kademlia's table: for every distance from here a few switches that we keep lines to, and some that could take
/// their place.
///
/// An entry is there because its line is proven and it answered us. It leaves when its line dies, never because
/// another one came.
struct Buckets: Sendable {
    /// What we know of a switch, from little to much.
    enum Evidence: Int, Comparable, Sendable {
        /// A proven switch named it.
        case heardOf
        /// It asked us over a proven line.
        case askedUs
        /// It answered us over a proven line.
        case answeredUs

        static func < (a: Evidence, b: Evidence) -> Bool { a.rawValue < b.rawValue }
    }

    struct Entry: Sendable {
        let endpoint: Endpoint
        let id: NodeID
        var evidence: Evidence
        var at: Instant
    }

    enum Outcome: Equatable, Sendable {
        /// It stands in its bucket.
        case entered
        /// It is a replacement.
        case cached
        /// No room, or too many neighbours of its address are there.
        case refused
    }

    private struct Bucket: Sendable {
        var entries: [Entry] = []
        var replacements: [Entry] = []
        var refreshedAt: Instant?
    }

    /// Our own place. Provisional until the own address is known.
    private(set) var center: NodeID
    private var buckets: [Bucket]
    private var groups: [AddressGroup: Int] = [:]
    private let limits: Limits

    init(center: NodeID, limits: Limits) {
        self.center = center
        self.limits = limits
        buckets = Array(repeating: Bucket(), count: 160)
    }

    /// Takes note of a switch. Entries are only made of `answeredUs`.
    mutating func note(_ endpoint: Endpoint, id: NodeID, evidence: Evidence, now: Instant) -> Outcome {
        let index = center.bucket(to: id)
        guard buckets.indices.contains(index) else { return .refused }
        if let known = buckets[index].entries.firstIndex(where: { $0.endpoint == endpoint }) {
            buckets[index].entries[known].at = now
            return .entered
        }
        let entry = Entry(endpoint: endpoint, id: id, evidence: evidence, at: now)
        if evidence == .answeredUs, hasRoom(for: endpoint, in: index) {
            buckets[index].replacements.removeAll { $0.endpoint == endpoint }
            buckets[index].entries.append(entry)
            if endpoint.isPublic { groups[AddressDiversity.tableGroup(of: endpoint), default: 0] += 1 }
            return .entered
        }
        return cache(entry, in: index)
    }

    /// Whether one more switch with this address would become an entry.
    func wants(_ endpoint: Endpoint, id: NodeID) -> Bool {
        let index = center.bucket(to: id)
        return buckets.indices.contains(index) && hasRoom(for: endpoint, in: index)
            && !buckets[index].entries.contains { $0.endpoint == endpoint }
    }

    func contains(_ endpoint: Endpoint, id: NodeID) -> Bool {
        let index = center.bucket(to: id)
        return buckets.indices.contains(index) && buckets[index].entries.contains { $0.endpoint == endpoint }
    }

    /// The switch's line is dead. Returns who could take its place, best evidence and latest news first.
    mutating func remove(_ endpoint: Endpoint, id: NodeID) -> [Entry] {
        let index = center.bucket(to: id)
        guard buckets.indices.contains(index) else { return [] }
        buckets[index].replacements.removeAll { $0.endpoint == endpoint }
        guard let position = buckets[index].entries.firstIndex(where: { $0.endpoint == endpoint }) else { return [] }
        buckets[index].entries.remove(at: position)
        if endpoint.isPublic { uncount(AddressDiversity.tableGroup(of: endpoint)) }
        return buckets[index].replacements.sorted { ($1.evidence, $1.at) < ($0.evidence, $0.at) }
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
            _ = note(entry.endpoint, id: entry.id, evidence: entry.evidence, now: entry.at)
        }
    }

    /// Switches that were heard of and could be asked, nearest to `target` first.
    func replacements(closestTo target: NodeID, count: Int) -> [Entry] {
        let all = buckets.flatMap(\.replacements).sorted { target.isCloser($0.id, than: $1.id) }
        return Array(all.prefix(count))
    }

    /// How many switches stand at each distance that has any, nearest first.
    var population: [(distance: Int, switches: Int)] {
        buckets.enumerated().filter { !$0.element.entries.isEmpty }.map { ($0.offset, $0.element.entries.count) }
    }

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
    private func hasRoom(for endpoint: Endpoint, in index: Int) -> Bool {
        let entries = buckets[index].entries
        guard entries.count < limits.k else { return false }
        guard endpoint.isPublic else { return true }
        guard groups[AddressDiversity.tableGroup(of: endpoint), default: 0] < limits.perGroupInTable else {
            return false
        }
        let neighbours = entries.count { $0.endpoint.isPublic && $0.endpoint.narrowGroup == endpoint.narrowGroup }
        return neighbours < limits.perNarrowGroupInBucket
            && !entries.contains { AddressDiversity.areTheSameHost($0.endpoint, endpoint) }
    }

    /// Replacements give way to better evidence, the oldest first; hearsay never displaces one that spoke to us.
    private mutating func cache(_ entry: Entry, in index: Int) -> Outcome {
        if let known = buckets[index].replacements.firstIndex(where: { $0.endpoint == entry.endpoint }) {
            let evidence = max(buckets[index].replacements[known].evidence, entry.evidence)
            buckets[index].replacements[known].evidence = evidence
            buckets[index].replacements[known].at = entry.at
            return .cached
        }
        if entry.endpoint.isPublic {
            let group = entry.endpoint.narrowGroup
            let neighbours = buckets[index].replacements.count {
                $0.endpoint.isPublic && $0.endpoint.narrowGroup == group
            }
            guard neighbours < limits.perNarrowGroupInBucket else { return .refused }
        }
        if buckets[index].replacements.count >= limits.replacements {
            let replacements = buckets[index].replacements
            guard
                let worst = replacements.indices.min(by: {
                    (replacements[$0].evidence, replacements[$0].at) < (replacements[$1].evidence, replacements[$1].at)
                }), replacements[worst].evidence <= entry.evidence
            else { return .refused }
            buckets[index].replacements.remove(at: worst)
        }
        buckets[index].replacements.append(entry)
        return .cached
    }

    private mutating func uncount(_ group: AddressGroup) {
        guard let count = groups[group] else { return }
        groups[group] = count > 1 ? count - 1 : nil
    }
}

extension Buckets {
    /// The most entries, and the most replacements, that any bucket has.
    var fullest: (entries: Int, replacements: Int) {
        buckets.reduce((0, 0)) { (max($0.0, $1.entries.count), max($0.1, $1.replacements.count)) }
    }
}
