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
    private var head: Int32 = 0
    private var bytes: Int32 = 0

    var isEmpty: Bool { Int(head) == items.count }
    var count: Int { items.count - Int(head) }

    /// The oldest item.
    var first: Item? { isEmpty ? nil : items[Int(head)] }

    /// `false` when the queue is as full as signals from there may make it.
    mutating func append(_ item: Item, from origin: SignalOrigin, limits: Limits) -> Bool {
        let room =
            switch origin {
            case .stranger: limits.lines.strangerQueuedTelexes
            case .peer: limits.lines.relayedQueuedTelexes
            case .ourselves: limits.lines.queuedTelexes
            }
        let size = item.signals.encodedByteCount
        guard count < min(room, limits.lines.queuedTelexes), byteCount + size <= limits.lines.queuedBytes else {
            return false
        }
        items.append(item)
        bytes += Int32(size)
        return true
    }

    mutating func removeFirst() {
        guard let first else { return }
        bytes -= Int32(first.signals.encodedByteCount)
        head += 1
        if isEmpty {
            removeAll()
        } else if head >= 64 {
            items.removeFirst(Int(head))
            head = 0
        }
    }

    mutating func removeAll() {
        items.removeAll()
        head = 0
        bytes = 0
    }
}

extension SignalQueue {
    var byteCount: Int { Int(bytes) }
}
