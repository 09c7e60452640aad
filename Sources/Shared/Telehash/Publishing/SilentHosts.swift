/// Notices switches that hold our tap for an end and bring nothing (T27).
///
/// Every message comes from several hosts. A host that missed what at least two others brought, again and again, drops
/// it on purpose or can't help it; either way another one is tapped in its place for a while. What a host says is not
/// asked: one that drops messages lies about them too.
struct SilentHosts: Sendable {
    private struct Key: Hashable, Sendable {
        let end: NodeID
        let host: Endpoint
    }

    private struct Message: Sendable {
        let digest: UInt64
        let end: NodeID
        let at: Instant
        var bringers: [Endpoint]
    }

    private struct Record: Sendable {
        var missed = 0
        var everBrought: Bool
        let since: Instant
    }

    /// The latest last.
    private var messages: [Message] = []
    private var records: [Key: Record] = [:]
    private var silent: [(key: Key, until: Instant)] = []

    /// The hosts of an end that are passed over.
    func hosts(of end: NodeID) -> [Endpoint] {
        silent.lazy.filter { $0.key.end == end }.map(\.key.host)
    }

    /// A host brought a message of an end that we tap; repeats count, too.
    mutating func note(_ digest: UInt64, of end: NodeID, from host: Endpoint, now: Instant, limits: Limits) {
        if let index = messages.lastIndex(where: { $0.digest == digest }) {
            if !messages[index].bringers.contains(host) { messages[index].bringers.append(host) }
        } else {
            if messages.count >= limits.comparedMessages { messages.removeFirst() }
            messages.append(Message(digest: digest, end: end, at: now, bringers: [host]))
        }
    }

    /// Whether a message is old enough to be judged, or a host was silent for long enough to be tried again.
    func isDue(now: Instant, limits: Limits) -> Bool {
        messages.first.map { $0.at.duration(to: now) >= limits.comparisonPatience } ?? false
            || silent.first.map { $0.until <= now } ?? false
    }

    /// Judges the messages that had time to come from everywhere. Returns whether any host is passed over from now on, or
    /// no longer.
    ///
    /// - Parameter hosts: those that hold our tap for an end.
    mutating func judge(now: Instant, limits: Limits, hosts: (NodeID) -> [Endpoint]) -> Bool {
        let before = silent.count
        silent.removeAll { $0.until <= now }
        var changed = silent.count != before
        while let message = messages.first, message.at.duration(to: now) >= limits.comparisonPatience {
            messages.removeFirst()
            for host in hosts(message.end) where judge(host, by: message, now: now, limits: limits) { changed = true }
        }
        if records.count > limits.comparedHosts { records.removeAll() }
        return changed
    }

    private mutating func judge(_ host: Endpoint, by message: Message, now: Instant, limits: Limits) -> Bool {
        let key = Key(end: message.end, host: host)
        let brought = message.bringers.contains(host)
        guard var record = records[key], record.since <= message.at else {
            // Its tap may be younger than the message.
            if records[key] == nil { records[key] = Record(everBrought: brought, since: message.at) }
            return false
        }
        if brought {
            record.missed = 0
            record.everBrought = true
        } else if message.bringers.count >= limits.comparisonWitnesses {
            record.missed += 1
        }
        records[key] = record
        let allowed = record.everBrought ? limits.missesOfProvenHost : limits.missesOfNewHost
        guard record.missed >= allowed, silent.count(where: { $0.key.end == message.end }) < limits.silentHosts else {
            return false
        }
        records[key] = nil
        silent.append((key, now.advanced(by: limits.silenceRemembered)))
        return true
    }
}
