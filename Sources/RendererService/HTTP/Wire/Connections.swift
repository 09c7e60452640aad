import Synchronization

/// The open connections: how many there may be, and how many from one place.
///
/// Where there are too many, the one that has waited longest for a whole request gives way to the newcomer: of the same place,
/// or, where all places together have too many, of the place that has most. Who is being answered is left alone.
final class Connections: Sendable {
    /// What a connection counts for.
    enum Place: Hashable, Sendable {
        /// An IPv4 address, or a /64 of IPv6.
        case network([UInt8])
        /// A proxy that is trusted, or our unix socket: no share of its own.
        case proxy
    }

    final class Connection: Sendable {
        fileprivate let place: Place
        fileprivate let close: @Sendable () -> Void
        fileprivate let isTooSlow: @Sendable () -> Void
        /// The step at which it began to wait for a request; 0 while one is answered.
        fileprivate let waitsSince: Atomic<UInt64>
        /// When the head that is coming began, in nanoseconds of the machine's uptime; 0: none is.
        fileprivate let headSince = Atomic<UInt64>(0)

        fileprivate init(
            _ place: Place, since step: UInt64, close: @escaping @Sendable () -> Void,
            isTooSlow: @escaping @Sendable () -> Void
        ) {
            self.place = place
            self.close = close
            self.isTooSlow = isTooSlow
            waitsSince = Atomic(step)
        }

        /// - Parameter now: nanoseconds of the machine's uptime.
        func beginsHead(at now: UInt64) { headSince.store(now, ordering: .relaxed) }

        /// A whole head is here.
        func isServed() {
            waitsSince.store(0, ordering: .relaxed)
            headSince.store(0, ordering: .relaxed)
        }
    }

    enum Verdict {
        /// - Parameter displaced: whether another one gave way.
        case admitted(Connection, displaced: Bool)
        case refused
    }

    private struct State {
        private var places: [Place: [ObjectIdentifier: Connection]] = [:]
        /// The places that have so many.
        private var levels: [Int: Set<Place>] = [:]
        private(set) var count = 0

        func count(of place: Place) -> Int { places[place]?.count ?? 0 }

        mutating func insert(_ connection: Connection) {
            places[connection.place, default: [:]][ObjectIdentifier(connection)] = connection
            count += 1
            hasMoved(connection.place, from: count(of: connection.place) - 1)
        }

        mutating func remove(_ connection: Connection) {
            guard places[connection.place]?.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
            count -= 1
            hasMoved(connection.place, from: count(of: connection.place) + 1)
        }

        private mutating func hasMoved(_ place: Place, from before: Int) {
            levels[before]?.remove(place)
            if levels[before]?.isEmpty ?? false { levels[before] = nil }
            let now = count(of: place)
            if now > 0 { levels[now, default: []].insert(place) } else { places[place] = nil }
        }

        /// The one of a place that has waited longest for a request.
        func idlest(of place: Place) -> Connection? {
            var found: (connection: Connection, since: UInt64)?
            for connection in places[place, default: [:]].values {
                let since = connection.waitsSince.load(ordering: .relaxed)
                if since > 0, since < found?.since ?? .max { found = (connection, since) }
            }
            return found?.connection
        }

        /// Those whose head began before that, and is not whole.
        func slow(before limit: UInt64) -> [Connection] {
            places.values.flatMap { place in
                place.values.filter { (1..<limit).contains($0.headSince.load(ordering: .relaxed)) }
            }
        }

        func idlestOfTheFullest() -> Connection? {
            for level in levels.keys.sorted(by: >) {
                for place in levels[level, default: []] {
                    if let connection = idlest(of: place) { return connection }
                }
            }
            return nil
        }
    }

    /// All together, and of one place.
    let capacity: Int
    let share: Int
    private let state = Mutex(State())
    private let steps = Atomic<UInt64>(0)

    init(capacity: Int, share: Int) {
        self.capacity = capacity
        self.share = share
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
        let connection = Connection(place, since: step(), close: close, isTooSlow: isTooSlow)
        let (isAdmitted, displaced) = state.withLock { state -> (Bool, Connection?) in
            var displaced: Connection?
            if place != .proxy, state.count(of: place) >= share {
                displaced = state.idlest(of: place)
                guard displaced != nil else { return (false, nil) }
            } else if state.count >= capacity {
                displaced = state.idlestOfTheFullest()
                guard displaced != nil else { return (false, nil) }
            }
            if let displaced { state.remove(displaced) }
            state.insert(connection)
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
        let slow = state.withLock { $0.slow(before: now - time) }
        for connection in slow {
            connection.headSince.store(0, ordering: .relaxed)
            connection.isTooSlow()
        }
        return slow.count
    }

    /// Everything is answered that was asked.
    func isWaiting(_ connection: Connection) { connection.waitsSince.store(step(), ordering: .relaxed) }

    func leave(_ connection: Connection) { state.withLock { $0.remove(connection) } }

    var count: Int { state.withLock { $0.count } }

    private func step() -> UInt64 { steps.add(1, ordering: .relaxed).newValue }
}
