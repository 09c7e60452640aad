import Synchronization

/// The open connections: how many there may be, and how many from one place.
///
/// Where there are too many, the one that has waited longest for a whole request gives way to the newcomer: of the same place, or,
/// where all places together have too many, of the place that has most. Where nobody waits, all together lose the oldest that is
/// being answered, a stream that comes back by itself; of a place of its own nothing else is ended, and the newcomer is refused.
final class Connections: Sendable {
    /// What a connection counts for.
    enum Place: Hashable, Sendable {
        /// An IPv4 address, or a /64 of IPv6.
        case network([UInt8])
        /// A proxy that is trusted, or our unix socket: no share of its own.
        case proxy
    }

    final class Connection: Sendable {
        let place: Place
        fileprivate let close: @Sendable () -> Void
        fileprivate let isTooSlow: @Sendable () -> Void
        /// When the head that is coming began, in nanoseconds of the machine's uptime; 0: none is.
        fileprivate let headSince = Atomic<UInt64>(0)

        fileprivate init(
            _ place: Place, close: @escaping @Sendable () -> Void, isTooSlow: @escaping @Sendable () -> Void
        ) {
            self.place = place
            self.close = close
            self.isTooSlow = isTooSlow
        }

        /// - Parameter now: nanoseconds of the machine's uptime.
        func beginsHead(at now: UInt64) { headSince.store(now, ordering: .relaxed) }

        /// No head is coming any more.
        func endsHead() { headSince.store(0, ordering: .relaxed) }
    }

    enum Verdict {
        /// - Parameter displaced: whether another one gave way.
        case admitted(Connection, displaced: Bool)
        case refused
    }

    /// All together, of one place, and of one site of IPv6.
    let capacity: Int
    let share: Int
    let siteShare: Int
    private let crowd = Mutex(ConnectionCrowd())

    init(capacity: Int, share: Int) {
        self.capacity = capacity
        self.share = share
        siteShare = max(share, min(Limits.siteConnections, capacity / 2))
    }

    /// - Parameters:
    ///   - openFiles: how many this process may have open; every connection is one.
    convenience init(openFiles: Int) {
        let capacity = max(1, min(Limits.connections, openFiles - Limits.otherFiles))
        self.init(capacity: capacity, share: max(1, min(Limits.visitorConnections, capacity / 4)))
    }

    /// - Parameters:
    ///   - close: closes the connection; called at most once, when it gives way.
    ///   - isTooSlow: ends it, because the head of its request does not come.
    func admit(
        _ place: Place, close: @escaping @Sendable () -> Void, isTooSlow: @escaping @Sendable () -> Void = {}
    ) -> Verdict {
        let connection = Connection(place, close: close, isTooSlow: isTooSlow)
        let (isAdmitted, displaced) = crowd.withLock { crowd -> (Bool, Connection?) in
            var displaced: Connection?
            if place != .proxy, crowd.count(of: place) >= share {
                displaced = crowd.idlest(of: place)
                guard displaced != nil else { return (false, nil) }
            } else if place.site != place, crowd.count(of: place.site) >= siteShare {
                displaced = crowd.idlest(of: place.site)
                guard displaced != nil else { return (false, nil) }
            } else if crowd.count >= capacity {
                displaced = crowd.leastMissed
            }
            if let displaced { crowd.remove(displaced) }
            crowd.insert(connection)
            return (true, displaced)
        }
        displaced?.close()
        return isAdmitted ? .admitted(connection, displaced: displaced != nil) : .refused
    }

    /// To be called every second: a timer for each request would cost more than most requests.
    ///
    /// - Parameter now: nanoseconds of the machine's uptime.
    /// - Returns: how many were ended.
    func endSlowHeads(now: UInt64) -> Int {
        let time = UInt64(Limits.headSeconds) * 1_000_000_000
        guard now > time else { return 0 }
        let slow = crowd.withLock { crowd in
            crowd.all.filter { (1..<now - time).contains($0.headSince.load(ordering: .relaxed)) }
        }
        for connection in slow {
            connection.endsHead()
            connection.isTooSlow()
        }
        return slow.count
    }

    /// A whole head is here.
    func isServed(_ connection: Connection) {
        connection.endsHead()
        crowd.withLock { $0.note(connection, isWaiting: false) }
    }

    /// Everything is answered that was asked.
    func isWaiting(_ connection: Connection) { crowd.withLock { $0.note(connection, isWaiting: true) } }

    func leave(_ connection: Connection) { crowd.withLock { $0.remove(connection) } }

    var count: Int { crowd.withLock { $0.count } }
}

extension Connections.Connection: Hashable {
    static func == (one: Connections.Connection, other: Connections.Connection) -> Bool { one === other }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Connections.Place {
    /// What the networks of one household or company have together: a /48 of IPv6; of others the place itself.
    var site: Self {
        if case .network(let bytes) = self, bytes.count == 8 { .network(Array(bytes.prefix(6))) } else { self }
    }
}
