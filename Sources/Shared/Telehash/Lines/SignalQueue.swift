import TelehashWire

/// Whose signals a copy carries: what others pour in must leave room for those who are less to blame.
enum SignalOrigin: Sendable {
    case stranger, peer, ourselves
}

/// Signals that wait for the window of their line to open.
struct SignalQueue: Sendable {
    struct Item: Sendable {
        let signals: Signals
        let hop: Int
        /// The publication to which the copy belongs, if its delivery is followed.
        let publication: PublicationHandle?
    }

    private var items: [Item] = []
    private(set) var byteCount: Int32 = 0

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    /// The oldest item.
    var first: Item? { items.first }

    /// `false` when the queue is as full as signals from there may make it.
    mutating func append(_ item: Item, from origin: SignalOrigin, limits: Limits) -> Bool {
        let room =
            switch origin {
            case .stranger: limits.lines.strangerQueuedTelexes
            case .peer: limits.lines.relayedQueuedTelexes
            case .ourselves: limits.lines.queuedTelexes
            }
        let size = item.signals.encodedByteCount
        guard count < min(room, limits.lines.queuedTelexes), Int(byteCount) + size <= limits.lines.queuedBytes else {
            return false
        }
        items.append(item)
        byteCount += Int32(size)
        return true
    }

    mutating func removeFirst() {
        guard let first else { return }
        byteCount -= Int32(first.signals.encodedByteCount)
        items.removeFirst()
        // Lines are many, and on most of them nothing more waits.
        if isEmpty { items = [] }
    }

    mutating func removeAll() { self = SignalQueue() }
}
