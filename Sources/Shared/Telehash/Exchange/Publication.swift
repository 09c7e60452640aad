import TelehashWire

/// Names a publication inside the switch; worthless once that one is finished.
struct PublicationHandle: Hashable, Sendable {
    let slot: Int
    let generation: UInt32
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
    private(set) var signals: Signals
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

    /// Frees what a finished publication holds while its slot waits for the next one.
    mutating func letGo() {
        signals = Signals()
        copies = []
    }

    func copy(on line: LineTable.Handle) -> Int? {
        copies.firstIndex { $0.line == line }
    }
}
