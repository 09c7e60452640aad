/// The latest messages of an end, and which hosts brought each: a host that says it serves us and brings nothing can
/// only be noticed by what the others bring.
struct ParentNews: Sendable {
    struct Message: Sendable {
        let digest: UInt64
        let at: Instant
        var bringers: [Endpoint]
    }

    private var messages: [Message] = []

    /// More are not compared at a time: a flood of messages must not make us hold all of them.
    private static let capacity = 32
    /// More hosts than that bring nothing new.
    private static let bringersKept = 16

    var deadline: Instant? { messages.first?.at }

    /// A host brought a message.
    mutating func note(_ digest: UInt64, from endpoint: Endpoint, now: Instant) {
        if let known = messages.lastIndex(where: { $0.digest == digest }) {
            if messages[known].bringers.count < ParentNews.bringersKept, !messages[known].bringers.contains(endpoint) {
                messages[known].bringers.append(endpoint)
            }
        } else if messages.count < ParentNews.capacity {
            messages.append(Message(digest: digest, at: now, bringers: [endpoint]))
        }
    }

    /// Takes out the messages that everybody had time to bring.
    mutating func ripe(now: Instant, patience: Duration) -> [Message] {
        let count = messages.firstIndex { $0.at.duration(to: now) < patience } ?? messages.count
        defer { messages.removeFirst(count) }
        return Array(messages.prefix(count))
    }
}
