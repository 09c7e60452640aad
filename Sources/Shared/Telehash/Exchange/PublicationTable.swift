/// The publications that are followed, each in a slot that it keeps; they expire in the order in which they came.
struct PublicationTable: Sendable {
    private struct Slot: Sendable {
        var publication: Publication
        var generation: UInt32
        var isOpen = true
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    /// Open publications in the order of their expiry; finished ones are skipped.
    private var order = TimedQueue<PublicationHandle>()
    private(set) var count = 0

    mutating func insert(_ publication: Publication) -> PublicationHandle {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot].publication = publication
            slots[slot].generation &+= 1
            slots[slot].isOpen = true
        } else {
            slot = slots.count
            slots.append(Slot(publication: publication, generation: 0))
        }
        count += 1
        let handle = PublicationHandle(slot: slot, generation: slots[slot].generation)
        order.insert(handle, at: publication.expiresAt)
        return handle
    }

    func isOpen(_ handle: PublicationHandle) -> Bool {
        slots.indices.contains(handle.slot) && slots[handle.slot].isOpen
            && slots[handle.slot].generation == handle.generation
    }

    subscript(handle: PublicationHandle) -> Publication? {
        isOpen(handle) ? slots[handle.slot].publication : nil
    }

    // MARK: Copies

    /// A copy is about to go to a switch.
    mutating func begin(_ handle: PublicationHandle, on line: LineTable.Handle, isFollowed: Bool) {
        guard isOpen(handle) else { return }
        let copy = Publication.Copy(line: line, state: isFollowed ? .queued : .unfollowed)
        slots[handle.slot].publication.copies.append(copy)
    }

    /// A copy went out. `false` when nobody asks for it any more.
    mutating func didHandOver(_ handle: PublicationHandle, on line: LineTable.Handle) -> Bool {
        change(handle, on: line) { copy in
            copy.isHanded = true
            if case .queued = copy.state { copy.state = .sent(repeated: false) }
        } == .changed
    }

    /// A copy went out that nobody asks after: to a switch, or to a mere tapper.
    mutating func didHandUnfollowed(_ handle: PublicationHandle, to line: LineTable.Handle?) {
        if let line, change(handle, on: line, { $0.isHanded = true }) != .noCopy { return }
        if isOpen(handle) { slots[handle.slot].publication.unfollowed += 1 }
    }

    mutating func willRepeat(_ handle: PublicationHandle, on line: LineTable.Handle) {
        _ = change(handle, on: line) { $0.state = .sent(repeated: true) }
    }

    /// A copy arrived. `false` when the publication is finished.
    mutating func didArrive(_ handle: PublicationHandle, on line: LineTable.Handle) -> Bool {
        change(handle, on: line) { $0.state = .taken } != .finished
    }

    /// Nothing more is tried for a copy. `false` when the publication is finished.
    mutating func didLose(_ handle: PublicationHandle, on line: LineTable.Handle) -> Bool {
        change(handle, on: line) { $0.state = .lost } != .finished
    }

    private enum Change { case changed, noCopy, finished }

    private mutating func change(
        _ handle: PublicationHandle, on line: LineTable.Handle, _ body: (inout Publication.Copy) -> Void
    ) -> Change {
        guard isOpen(handle) else { return .finished }
        guard let copy = slots[handle.slot].publication.copy(on: line) else { return .noCopy }
        body(&slots[handle.slot].publication.copies[copy])
        return .changed
    }

    mutating func remove(_ handle: PublicationHandle) {
        guard isOpen(handle) else { return }
        slots[handle.slot].isOpen = false
        slots[handle.slot].publication.letGo()
        free.append(handle.slot)
        count -= 1
    }

    /// The open publications, oldest first.
    var open: [PublicationHandle] {
        count == 0 ? [] : order.elements.filter(isOpen)
    }

    /// When the oldest open publication expires.
    var deadline: Instant {
        order.first?.at ?? .distantFuture
    }

    /// The next publication whose time is over.
    mutating func nextExpired(now: Instant) -> PublicationHandle? {
        while let handle = order.popDue(now: now) {
            if isOpen(handle) { return handle }
        }
        return nil
    }

    /// Forgets finished publications at the front, so that they don't wake anybody.
    mutating func tidy() {
        while let (handle, _) = order.first, !isOpen(handle) { order.removeFirst() }
    }
}
