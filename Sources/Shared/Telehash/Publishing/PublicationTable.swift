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

    /// Changes an open publication in place; `nil` when it is finished.
    mutating func update<Result>(
        _ handle: PublicationHandle, _ body: (inout Publication) -> Result
    ) -> Result? {
        isOpen(handle) ? body(&slots[handle.slot].publication) : nil
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
