import TelehashWire

/// Whose signals a copy carries: what others pour in must leave room for those who are less to blame. A guest is who publishes
/// through our host and could be anybody.
enum SignalOrigin: Int, Sendable {
    case stranger, peer, guest, ourselves
}

/// Signals that wait for the window of their line to open.
struct SignalQueue: Sendable {
    struct Item: Sendable {
        let signals: Signals
        let hop: Int
        /// The publication to which the copy belongs, if its delivery is followed.
        let publication: PublicationHandle?
        let origin: SignalOrigin
        /// The author that the signals name, as one of that origin: anybody can name anybody.
        let author: Int

        init(_ signals: Signals, hop: Int, for publication: PublicationHandle?, from origin: SignalOrigin) {
            (self.signals, self.hop, self.publication, self.origin) = (signals, hop, publication, origin)
            var hasher = Hasher()
            hasher.combine(origin)
            hasher.combine(signals["+key"])
            author = hasher.finalize()
        }
    }

    private(set) var items: [Item] = []
    private(set) var byteCount: Int32 = 0
    /// What no author of each origin has more of, so that a flood that finds no room costs one look.
    private var mostOfOne: SIMD4<UInt8> = .zero

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    /// The oldest item.
    var first: Item? { items.first }

    /// Puts an item in, if need be in the place of others.
    ///
    /// - Parameter isCrowded: whether so much waits on all lines together that each may have only a part.
    mutating func append(
        _ item: Item, isCrowded: Bool = false, limits: Limits
    ) -> (isIn: Bool, gaveWay: [Item]) {
        let most = limits.lines.queuedTelexes
        let room = min(limits.lines.queueRoom(for: item.origin), most)
        // In its place it takes no more than was taken.
        let bytesOfLine = isCrowded ? limits.lines.queuedBytesOfCrowd : limits.lines.queuedBytes
        let bytes = max(bytesOfLine * room / most, Int(byteCount)) - item.signals.encodedByteCount
        var gaveWay: [Item] = []
        while Int(byteCount) > bytes || (gaveWay.isEmpty && count >= room) {
            guard let place = placeGivingWay(to: item) else { return (false, gaveWay) }
            gaveWay.append(remove(at: place))
        }
        items.append(item)
        byteCount += Int32(item.signals.encodedByteCount)
        let origin = item.origin.rawValue
        mostOfOne[origin] = max(mostOfOne[origin], UInt8(clamping: count(of: item.author)))
        return (true, gaveWay)
    }

    /// The newest of the author who has most waiting, when that is still more than the newcomer's with it: who floods is in
    /// nobody's way but its own. What is less to blame gives no way to what is more.
    private mutating func placeGivingWay(to item: Item) -> Int? {
        var most = count(of: item.author) + 1
        guard (0...item.origin.rawValue).contains(where: { mostOfOne[$0] > most }) else { return nil }
        mostOfOne = .zero
        var counts: [Int: Int] = [:]
        for other in items { counts[other.author, default: 0] += 1 }
        var place: Int?
        for (index, other) in items.enumerated() {
            let (origin, count) = (other.origin.rawValue, counts[other.author, default: 0])
            mostOfOne[origin] = max(mostOfOne[origin], UInt8(clamping: count))
            guard origin <= item.origin.rawValue, count > most || (count == most && place != nil) else { continue }
            (most, place) = (count, index)
        }
        return place
    }

    private func count(of author: Int) -> Int { items.count { $0.author == author } }

    mutating func removeFirst() { _ = remove(at: 0) }

    private mutating func remove(at place: Int) -> Item {
        let item = items.remove(at: place)
        byteCount -= Int32(item.signals.encodedByteCount)
        // Lines are many, and on most of them nothing more waits.
        if isEmpty { removeAll() }
        return item
    }

    mutating func removeAll() { self = SignalQueue() }
}

/// When each proven line is to be looked at: a binary heap, soonest first.
///
/// A line that has to be looked at sooner than planned is entered once more; the later entry finds that it is no longer
/// the line's ``Line/lookAt``.
struct LookQueue: Sendable {
    struct Entry: Sendable {
        let line: LineTable.Handle
        let at: Instant
    }

    private var heap: [Entry] = []

    var count: Int { heap.count }
    var first: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].at < heap[parent].at else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first entry out if its time has come.
    mutating func popDue(now: Instant) -> Entry? {
        guard let first = heap.first, first.at <= now, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var soonest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[soonest].at
            {
                soonest = child
            }
            if soonest == parent { return first }
            heap.swapAt(parent, soonest)
            parent = soonest
        }
    }

    /// Gives memory back.
    mutating func trim() { heap.giveBackRoom() }

    mutating func removeAll() {
        heap.removeAll()
    }
}
