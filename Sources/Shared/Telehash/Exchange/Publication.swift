import TelehashWire

/// Names a publication inside the switch; worthless once that one is finished.
struct PublicationHandle: Hashable, Sendable {
    let number: UInt64
}

/// Signals on their way to the switches nearest to their end.
struct Publication: Sendable {
    enum CopyState: Sendable {
        /// Waits for the line's window.
        case queued
        /// Sent, not proven to have arrived. `repeated` when this is the second try.
        case sent(repeated: Bool)
        case taken
        /// Nothing more is tried.
        case lost
        /// Sent, and nobody asks whether it arrived: enough others are asked.
        case unfollowed
    }

    struct Copy: Sendable {
        let line: LineTable.Handle
        var state: CopyState
        var isHanded = false
    }

    /// The caller's name; `nil` for signals that were adopted, which nobody asks after.
    let id: PublicationID?
    let signals: Signals
    let end: NodeID
    let hop: Int
    let origin: SignalOrigin
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

    /// A copy went out. `false` when there is none.
    mutating func didHandOver(on line: LineTable.Handle) -> Bool {
        guard let copy = copies.firstIndex(where: { $0.line == line }) else { return false }
        copies[copy].isHanded = true
        if case .queued = copies[copy].state { copies[copy].state = .sent(repeated: false) }
        return true
    }

    /// A copy went out that nobody asks after: to a switch, or to a mere tapper.
    mutating func didHandUnfollowed(to line: LineTable.Handle?) {
        guard let copy = copies.firstIndex(where: { $0.line == line }) else { return unfollowed += 1 }
        copies[copy].isHanded = true
    }

    /// What became of a copy.
    mutating func note(_ state: CopyState, on line: LineTable.Handle) {
        if let copy = copies.firstIndex(where: { $0.line == line }) { copies[copy].state = state }
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

    /// `nil` once it is finished.
    subscript(handle: PublicationHandle) -> Publication? {
        get { publications[handle] }
        _modify { yield &publications[handle] }
    }

    /// The open publications, oldest first.
    var open: [PublicationHandle] {
        publications.isEmpty ? [] : order.elements.filter { publications[$0] != nil }
    }

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
}
