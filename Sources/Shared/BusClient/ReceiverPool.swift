import Bus
import BusSecurity
import ZeroMQ

/// The receivers that the router's directory names, with a connection to each one that was ever asked.
///
/// A receiver stays known while it is connected, whatever the directory says: a router that was restarted knows nobody
/// for a moment, and the wall is read without it.
final class ReceiverPool {
    private(set) var members: [ReceiverID: ReceiverMember] = [:]
    /// Called with the entries after every news from the router.
    var onDirectory: (([Directory.Entry]) -> Void)?

    /// Whether a store lacks what others have; known where somebody listens to the feed.
    var isBehind: (StoreID) -> Bool = { _ in false }
    /// The store whose answer was the last one, where the query named none.
    private var home: StoreID?

    let counters: ClientCounters
    let context: LoopContext
    let ids: RequestIDs
    /// Our keys, where the bus is on `tcp://`.
    private let keys: BusKeys?
    /// Whether what they read from their stores is checked no more.
    let trustsStores: Bool
    private let router: Link?
    private var runs: [ObjectIdentifier: QueryRun] = [:]
    private var isAsking = false
    private var isClosed = false
    private var asked: ContinuousClock.Instant?
    /// When the router answered last.
    private(set) var answered: ContinuousClock.Instant?
    private var turn = 0
    private var arrivals: UInt64 = 0

    init(
        router: Link?, keys: BusKeys?, trustsStores: Bool, ids: RequestIDs, counters: ClientCounters,
        context: LoopContext
    ) {
        self.router = router
        self.keys = keys
        self.trustsStores = trustsStores
        self.ids = ids
        self.counters = counters
        self.context = context
    }

    @discardableResult
    func query(
        _ query: Query, of store: StoreID?, timeout: Duration, finish: @escaping Completion<Answer>
    ) -> QueryRun {
        let run = QueryRun(query, of: store, timeout: timeout, pool: self) { [weak self] run, result in
            self?.runs[ObjectIdentifier(run)] = nil
            finish(result)
        }
        guard !isClosed else {
            run.finish(.failure(.closed))
            return run
        }
        runs[ObjectIdentifier(run)] = run
        renewDirectory(olderThan: BusClientLimits.directoryAge)
        run.begin()
        return run
    }

    /// Asks one receiver of the store, once: a control may take long, and a second copy would only wait for the first.
    func control(
        _ control: Control, of store: StoreID, at receiver: ReceiverID?, timeout: Duration,
        finish: @escaping Completion<Answer>
    ) {
        guard !isClosed else { return finish(.failure(.closed)) }
        let member = receiver.map { members[$0] } ?? choose(of: store, tried: [:])
        guard let member else { return finish(.failure(.noReceiver)) }
        let id = ids.next()
        member.ask({ _ in .control(id, control) }, as: id, deadline: .now + timeout, finish: finish)
    }

    /// Who is to be asked next.
    ///
    /// - Parameter tried: how often each was asked already for the same question.
    func choose(of store: StoreID?, tried: [ReceiverID: Int]) -> ReceiverMember? {
        let candidates = members.values.filter { store == nil || $0.entry.store == store }.sorted {
            $0.order < $1.order
        }
        let now = ContinuousClock.now
        let ranked = candidates.enumerated().map { index, member in
            let rank = member.rank(
                tried: tried, standing: standing(of: member.entry.store), now: now,
                turn: (index + turn) % candidates.count)
            return (member: member, rank: rank)
        }
        turn = (turn + 1) & 0xFFFF
        return ranked.min { $0.rank < $1.rank }?.member
    }

    /// Two stores commit a message milliseconds apart, and one that was away hours. So whoever reads stays with one store
    /// while it answers, and what a page has shown is also on the next one.
    private func standing(of store: StoreID) -> ReceiverMember.Standing {
        if isBehind(store) { return .behind }
        return store == home ? .home : .other
    }

    /// A receiver of this store has answered a query that any store could have answered.
    func answered(by store: StoreID) { home = store }

    /// Why there are no receivers, when the router says nothing.
    var routerSilence: BusError { router?.silence ?? .closed }

    /// Asks the router who is here, unless the answer is young or under way.
    func renewDirectory(olderThan age: Duration) {
        if isAsking || isClosed { return }
        if let asked, ContinuousClock.now - asked < age { return }
        guard let router else { return }
        isAsking = true
        asked = .now
        let id = ids.next()
        router.ask(
            id, deadline: .now + BusClientLimits.directoryAge, repeats: true, message: { _ in .directoryRequest(id) },
            read: { if case .directory(_, let directory) = $0 { directory } else { nil } }
        ) { [weak self] result in
            guard let self else { return }
            isAsking = false
            if case .success(let directory) = result { update(directory) }
        }
    }

    func close() {
        isClosed = true
        for run in Array(runs.values) { run.finish(.failure(.closed)) }
        for member in members.values { member.close() }
        members = [:]
    }

    /// The keys for the sockets to a receiver; nil for one that has none.
    func curve(to entry: Directory.Entry) -> Curve? {
        guard let keys, let key = entry.key.flatMap({ CurveKey($0) }) else { return nil }
        return .client(keys.own, server: key)
    }

    /// Whether we can connect to it: over `tcp://` as over `ipc://`, all of a node is the same.
    private func isUseful(_ entry: Directory.Entry) -> Bool {
        let hasCurve = curve(to: entry) != nil
        return hasCurve == (keys != nil)
            && [entry.queryEndpoint, entry.feedEndpoint].allSatisfy { endpoint in
                (try? IPC.validate(endpoint, curve: hasCurve)) != nil && hasCurve == (IPC.path(of: endpoint) == nil)
            }
    }

    private func update(_ directory: Directory) {
        guard !isClosed else { return }
        answered = .now
        let entries = directory.receivers.prefix(BusClientLimits.receivers).filter { entry in
            let isUseful = isUseful(entry)
            if !isUseful { counters.now.uselessEntries += 1 }
            return isUseful
        }
        let isNamed = Set(entries.map(\.receiver))
        var gone = members.values.filter { !isNamed.contains($0.id) && !$0.isConnected }
        for member in gone { members[member.id] = nil }
        for entry in entries where members[entry.receiver]?.entry != entry {
            if let changed = members[entry.receiver] { gone.append(changed) }
            arrivals += 1
            members[entry.receiver] = ReceiverMember(entry, order: arrivals, pool: self)
        }
        // Whoever waits for one that is gone turns to those that are here, so they come first.
        for member in gone { member.close() }
        onDirectory?(entries)
        for run in Array(runs.values) { run.receiversChanged() }
    }
}
