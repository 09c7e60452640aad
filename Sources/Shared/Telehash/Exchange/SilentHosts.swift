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
    var news: BroughtMessages
    private var records: [Key: Record] = [:]
    /// In the order in which they are tried again.
    private var silent: [(key: Key, until: Instant)] = []

    init(limits: Limits) {
        self.limits = limits
        news = BroughtMessages(capacity: limits.exchange.comparedMessages)
    }

    /// The hosts of an end that don't count as such.
    func hosts(of end: NodeID) -> [Endpoint] {
        silent.lazy.filter { $0.key.end == end }.map(\.key.host)
    }

    /// When ``judge(now:hosts:)`` has something to do.
    var deadline: Instant {
        min(
            news.oldest?.advanced(by: limits.exchange.comparisonPatience) ?? .distantFuture,
            silent.first?.until ?? .distantFuture)
    }

    /// Judges the hosts that hold our tap for an end by the messages that had time to come from everywhere. Returns whether
    /// any host does not count from now on, or counts again.
    mutating func judge(now: Instant, hosts: (NodeID) -> [Endpoint]) -> Bool {
        let before = silent.count
        silent.removeAll { $0.until <= now }
        var changed = silent.count != before
        for message in news.ripe(now: now, patience: limits.exchange.comparisonPatience) where message.isAccepted {
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

/// The latest messages of ends that we tap, and which hosts brought each: a host that holds our tap and brings nothing can
/// only be noticed by what the others bring.
///
/// A message is evidence against those that miss it only when an own receiver accepted its signature, because anybody can
/// make one up, and only those count as witnesses that brought it over so few hops that whoever published it can have handed
/// it to all of the closest switches. What a stranger gave to one of them comes from the others a hop later.
struct BroughtMessages: Sendable {
    struct Message: Sendable {
        let digest: UInt64
        let end: NodeID
        let at: Instant
        /// Over however many hops.
        fileprivate(set) var bringers: [Endpoint] = []
        fileprivate(set) var witnesses = 0
        fileprivate(set) var isAccepted = false
    }

    private(set) var messages: [Message] = []
    /// The oldest that nobody accepted gives way to more: inventions don't drive out evidence.
    let capacity: Int

    /// More hosts than that bring nothing new.
    private static let bringersKept = 64

    var oldest: Instant? { messages.first?.at }

    /// A host brought a message.
    ///
    /// - Parameters:
    ///   - isWitness: whether it came over as few hops as one that all of the closest switches got.
    ///   - isNews: whether nobody brought it before. What is neither news nor remembered here was forgotten: its late
    ///     copies must not look as if they were the first.
    mutating func note(
        _ digest: UInt64, of end: NodeID, from host: Endpoint, isWitness: Bool, isNews: Bool, now: Instant
    ) {
        if isNews, !messages.contains(where: { $0.digest == digest }) {
            if messages.count >= capacity { messages.remove(at: messages.firstIndex { !$0.isAccepted } ?? 0) }
            messages.append(Message(digest: digest, end: end, at: now))
        }
        guard let known = messages.lastIndex(where: { $0.digest == digest }),
            messages[known].bringers.count < BroughtMessages.bringersKept,
            !messages[known].bringers.contains(host)
        else { return }
        messages[known].bringers.append(host)
        if isWitness { messages[known].witnesses += 1 }
    }

    /// An own receiver verified a message and keeps it.
    mutating func accept(_ digest: UInt64) {
        if let known = messages.lastIndex(where: { $0.digest == digest }) { messages[known].isAccepted = true }
    }

    /// Takes out the messages that everybody had time to bring.
    mutating func ripe(now: Instant, patience: Duration) -> [Message] {
        let count = messages.firstIndex { $0.at.duration(to: now) < patience } ?? messages.count
        defer { messages.removeFirst(count) }
        return Array(messages.prefix(count))
    }
}
