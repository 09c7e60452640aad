import TelehashWire

/// Names a publication inside the switch; worthless once that one is finished.
struct PublicationHandle: Hashable, Sendable {
    let number: UInt64
}

/// Signals on their way to the switches nearest to their end.
struct Publication: Sendable {
    enum CopyState: Sendable {
        /// Waits in the line's queue.
        case queued
        /// Sent, not proven to have arrived. `repeated` when this is the second try.
        case sent(repeated: Bool)
        case taken
        /// Nothing more is tried.
        case lost
        /// Sent, and nobody asks whether it arrived: enough others are asked.
        case unfollowed
    }

    /// One switch's copy.
    struct Copy: Sendable {
        let line: LineTable.Handle
        var state: CopyState
        var isHanded = false
    }

    /// The caller's name; `nil` for signals that were adopted, which nobody asks after.
    let id: PublicationID?
    let signals: Signals
    let end: NodeID
    /// What the copies say.
    let hop: Int
    let expiresAt: Instant
    var copies: [Copy] = []
    /// Copies for tappers that are no switches, who never say what they got.
    var unfollowed = 0

    var handed: Int { unfollowed + copies.count { $0.isHanded } }
    var taken: Int { copies.count { if case .taken = $0.state { true } else { false } } }

    /// Whether nothing is known to be on its way any more.
    var isSettled: Bool {
        copies.allSatisfy {
            switch $0.state {
            case .queued, .sent: false
            case .taken, .lost, .unfollowed: true
            }
        }
    }

    func copy(on line: LineTable.Handle) -> Copy? { copies.first { $0.line == line } }

    fileprivate enum Change { case changed, noCopy, finished }

    fileprivate mutating func change(copyOn line: LineTable.Handle, _ body: (inout Copy) -> Void) -> Change {
        guard let index = copies.firstIndex(where: { $0.line == line }) else { return .noCopy }
        body(&copies[index])
        return .changed
    }
}

/// The publications that are followed; they expire in the order in which they came.
struct PublicationTable: Sendable {
    private var publications: [PublicationHandle: Publication] = [:]
    private var lastNumber: UInt64 = 0
    /// In the order of their expiry; finished ones are skipped.
    private var order = TimedQueue<PublicationHandle>()

    var count: Int { publications.count }

    mutating func insert(_ publication: Publication) -> PublicationHandle {
        lastNumber += 1
        let handle = PublicationHandle(number: lastNumber)
        publications[handle] = publication
        order.insert(handle, at: publication.expiresAt)
        return handle
    }

    subscript(handle: PublicationHandle) -> Publication? { publications[handle] }

    mutating func remove(_ handle: PublicationHandle) { publications[handle] = nil }

    /// The open publications, oldest first.
    var open: [PublicationHandle] {
        publications.isEmpty ? [] : order.elements.filter { publications[$0] != nil }
    }

    /// When the oldest open publication expires.
    var deadline: Instant { order.deadline }

    /// The next publication whose time is over.
    mutating func nextExpired(now: Instant) -> PublicationHandle? {
        while let handle = order.popDue(now: now) {
            if publications[handle] != nil { return handle }
        }
        return nil
    }

    /// Forgets finished publications at the front, so that they don't wake anybody.
    mutating func tidy() {
        while let first = order.first, publications[first.element] == nil { order.removeFirst() }
    }

    // MARK: Copies

    /// A copy is about to go to a switch.
    mutating func begin(_ handle: PublicationHandle, on line: LineTable.Handle, isFollowed: Bool) {
        publications[handle]?.copies.append(Publication.Copy(line: line, state: isFollowed ? .queued : .unfollowed))
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
        publications[handle]?.unfollowed += 1
    }

    /// What became of a copy. `false` when the publication is finished.
    @discardableResult
    mutating func note(
        _ state: Publication.CopyState, of handle: PublicationHandle, on line: LineTable.Handle
    ) -> Bool {
        change(handle, on: line) { $0.state = state } != .finished
    }

    private mutating func change(
        _ handle: PublicationHandle, on line: LineTable.Handle, _ body: (inout Publication.Copy) -> Void
    ) -> Publication.Change {
        publications[handle]?.change(copyOn: line, body) ?? .finished
    }
}
