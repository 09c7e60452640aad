import TelehashWire

/// Notices switches that hold our tap for an end and bring nothing (T27).
///
/// Every message comes from several hosts. A host that missed what at least two others brought, again and again, drops
/// it on purpose or can't help it; either way another one is tapped beside it for a while. It keeps our tap, so that one
/// who was blamed wrongly costs a tap and never a message. What a host says is not asked: one that drops messages lies
/// about them too. What counts as evidence is told at ``BroughtMessages``.
struct SilentHosts: Sendable {
    private struct Key: Hashable, Sendable {
        let end: NodeID
        let host: Endpoint
    }

    private struct Record: Sendable {
        var missed = 0
        /// Misses of the same few seconds are one: a burst closes windows, and 2011 drops what it can't send.
        var missedAt: Instant?
        var everBrought: Bool
        let since: Instant
    }

    private let limits: Limits
    private var messages = BroughtMessages()
    private var records: [Key: Record] = [:]
    /// In the order in which they are tried again.
    private var silent: [(key: Key, until: Instant)] = []

    init(limits: Limits) {
        self.limits = limits
    }

    /// The hosts of an end that don't count as such.
    func hosts(of end: NodeID) -> [Endpoint] {
        silent.lazy.filter { $0.key.end == end }.map(\.key.host)
    }

    /// When ``judge(now:hosts:)`` has something to do.
    var deadline: Instant {
        min(
            messages.oldest?.advanced(by: limits.exchange.comparisonPatience) ?? .distantFuture,
            silent.first?.until ?? .distantFuture)
    }

    /// A host brought a message of an end that we tap.
    mutating func note(
        _ digest: UInt64, of end: NodeID, from host: Endpoint, hop: Int, isNews: Bool, now: Instant
    ) {
        messages.note(
            digest, of: end, from: host, isWitness: hop <= limits.exchange.evidenceHops, isNews: isNews, now: now,
            capacity: limits.exchange.comparedMessages)
    }

    /// An own receiver verified a message and keeps it.
    mutating func accept(_ digest: UInt64) { messages.accept(digest) }

    /// Judges the messages that had time to come from everywhere. Returns whether any host does not count from now on, or
    /// counts again.
    ///
    /// - Parameter hosts: those that hold our tap for an end.
    mutating func judge(now: Instant, hosts: (NodeID) -> [Endpoint]) -> Bool {
        let before = silent.count
        silent.removeAll { $0.until <= now }
        var changed = silent.count != before
        for message in messages.ripe(now: now, patience: limits.exchange.comparisonPatience) where message.isAccepted {
            for host in hosts(message.end) where judge(host, by: message, now: now) { changed = true }
        }
        if records.count > limits.exchange.comparedHosts { records.removeAll() }
        return changed
    }

    private mutating func judge(
        _ host: Endpoint, by message: BroughtMessages.Message, now: Instant
    ) -> Bool {
        let key = Key(end: message.end, host: host)
        let brought = message.bringers.contains(host)
        if let blamed = silent.firstIndex(where: { $0.key == key }) {
            if brought { silent.remove(at: blamed) }
            return brought
        }
        guard var record = records[key], record.since <= message.at else {
            // Its tap may be younger than the message.
            if records[key] == nil { records[key] = Record(everBrought: brought, since: message.at) }
            return false
        }
        if brought {
            record.missed = 0
            record.everBrought = true
        } else if message.witnesses >= limits.exchange.comparisonWitnesses,
            record.missedAt.map({ $0.duration(to: message.at) >= limits.exchange.comparisonPatience }) ?? true
        {
            record.missed += 1
            record.missedAt = message.at
        }
        records[key] = record
        let allowed = record.everBrought ? limits.exchange.missesOfProvenHost : limits.exchange.missesOfNewHost
        guard record.missed >= allowed, silent.count(where: { $0.key.end == message.end }) < limits.exchange.silentHosts
        else {
            return false
        }
        records[key] = nil
        silent.append((key, now.advanced(by: limits.exchange.silenceRemembered)))
        return true
    }
}
