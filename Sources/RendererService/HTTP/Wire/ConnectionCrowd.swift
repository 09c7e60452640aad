/// Open connections by place, each of them in a queue of those that wait, or of those that are answered: the one to give way is
/// found without looking at the others.
struct ConnectionCrowd {
    typealias Connection = Connections.Connection
    typealias Place = Connections.Place

    private struct Members {
        /// For a whole request, the one that has waited longest first.
        var waiting = Queue<Connection>()
        /// For the rest of an answer.
        var answered = Queue<Connection>()

        var count: Int { waiting.count + answered.count }

        /// A proxy has the connections of many, and is no site that has most.
        func level(of site: Place) -> Level? {
            guard count > 0 else { return nil }
            let size = site == .proxy ? 0 : count
            return Level(isWaiting: waiting.count > 0, size: max(size, Limits.browserConnections))
        }

        mutating func remove(_ connection: Connection) -> Bool {
            waiting.remove(connection) || answered.remove(connection)
        }
    }

    /// How little a place would miss a connection.
    private struct Level: Hashable, Comparable {
        let isWaiting: Bool
        /// What a browser has is not much, so nobody pays for having more than one.
        let size: Int

        static func < (one: Level, other: Level) -> Bool {
            // Who has just come waits, too: where that came first, newcomers would end each other.
            one.size == other.size ? !one.isWaiting && other.isWaiting : one.size < other.size
        }
    }

    /// Of places, and of sites that have several.
    private var members: [Place: Members] = [:]
    /// The sites of each level; where nothing has happened for longest is first.
    private var levels: [Level: Queue<Place>] = [:]
    private(set) var count = 0

    func count(of place: Place) -> Int { members[place]?.count ?? 0 }

    /// The one of a place that has waited longest for a request.
    func idlest(of place: Place) -> Connection? { members[place]?.waiting.first }

    /// The one that gives way where all are too many: of the site that has most. There are as many levels as sites of different
    /// sizes, which are under a hundred among 5,000.
    var leastMissed: Connection? {
        guard let site = levels.keys.max().flatMap({ levels[$0]?.first }), let members = members[site] else {
            return nil
        }
        return members.waiting.first ?? members.answered.first
    }

    var all: [Connection] {
        members.filter { $0.key.site == $0.key }.values.flatMap { $0.waiting.all + $0.answered.all }
    }

    mutating func insert(_ connection: Connection) {
        count += 1
        change(connection) { $0.waiting.append(connection) }
    }

    mutating func remove(_ connection: Connection) {
        guard contains(connection) else { return }
        count -= 1
        change(connection) { _ = $0.remove(connection) }
    }

    mutating func note(_ connection: Connection, isWaiting: Bool) {
        guard contains(connection) else { return }
        change(connection) { members in
            guard members.remove(connection) else { return }
            if isWaiting { members.waiting.append(connection) } else { members.answered.append(connection) }
        }
    }

    private func contains(_ connection: Connection) -> Bool {
        guard let members = members[connection.place] else { return false }
        return members.waiting.contains(connection) || members.answered.contains(connection)
    }

    private mutating func change(_ connection: Connection, _ body: (inout Members) -> Void) {
        let (place, site) = (connection.place, connection.place.site)
        if place != site {
            body(&members[place, default: Members()])
            if members[place]?.count == 0 { members[place] = nil }
        }
        let before = members[site]?.level(of: site)
        body(&members[site, default: Members()])
        let after = members[site]?.level(of: site)
        if after == nil { members[site] = nil }
        if let before, before != after {
            levels[before]?.remove(site)
            if levels[before]?.count == 0 { levels[before] = nil }
        }
        if let after { levels[after, default: Queue()].append(site) }
    }
}
