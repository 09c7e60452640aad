import TelehashWire

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

    private var messages: [Message] = []

    /// More hosts than that bring nothing new.
    private static let bringersKept = 64

    /// When the oldest one came.
    var oldest: Instant? { messages.first?.at }

    var count: Int { messages.count }

    /// A host brought a message.
    ///
    /// - Parameters:
    ///   - isWitness: whether it came over as few hops as one that all of the closest switches got.
    ///   - isNews: whether nobody brought it before. What is neither news nor remembered here was forgotten: its late
    ///     copies must not look as if they were the first.
    ///   - capacity: the oldest gives way to more.
    mutating func note(
        _ digest: UInt64, of end: NodeID, from host: Endpoint, isWitness: Bool, isNews: Bool, now: Instant,
        capacity: Int
    ) {
        if isNews, !messages.contains(where: { $0.digest == digest }) {
            if messages.count >= capacity { messages.removeFirst() }
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
