import TelehashWire

/// One search for the switches nearest to a place: ask the nearest that are known, who name nearer ones, until the
/// nearest that answer have all been asked.
///
/// It never stops because the first answers look good: a liar would only have to be first (T9).
struct Lookup: Sendable {
    enum State: Equatable, Sendable {
        case fresh
        case asked(Instant)
        case answered
        case failed
    }

    struct Candidate: Sendable {
        let endpoint: Endpoint
        let id: NodeID
        /// Who named it to us; `nil` when it was known before.
        let teller: LineTable.Handle?
        /// 1 for a switch that was known before, one more than its teller's for one that was named.
        let depth: Int
        var state = State.fresh
        /// How often it was asked in vain.
        var misses = 0
        /// How many named it, and who was the last.
        private(set) var namings = 0
        private var lastTeller: LineTable.Handle?
        /// An answer to a stranger is short; once the line is proven the same switch can be asked for the rest.
        var wasShort = false
        var mayBeAskedAgain = true
        /// Whether somebody who knows it can still be asked to make it speak to us; see ``Lookup/next(now:)``.
        var mayBeCalled = true
        var isCalled = false
        /// Whether it spoke to us when it was called, so that the question alone may be lost.
        var wasGreeted = false

        init(endpoint: Endpoint, id: NodeID, teller: LineTable.Handle?, depth: Int) {
            self.endpoint = endpoint
            self.id = id
            self.teller = teller
            self.depth = depth
            if let teller { isNamed(by: teller) }
        }

        mutating func isNamed(by teller: LineTable.Handle) {
            if teller != lastTeller { namings += 1 }
            lastTeller = teller
        }
    }

    let target: NodeID
    let startedAt: Instant
    let limits: Limits
    /// Under which names the application wants to hear the result.
    var ids: [LookupID] = []
    /// Nearest first, one per public host.
    var candidates: [Candidate] = []
    private(set) var asked = 0
    /// Switches that others were asked to call.
    private(set) var called = 0
    private(set) var pausedUntil: Instant?

    // What earlier paths of the same search left behind; see Lookup+Paths.swift.
    /// 1 for the first.
    var path = 1
    /// Switches that this path must not ask.
    var avoided: Set<Endpoint> = []
    /// Those who answered on earlier paths.
    var earlier: [Candidate] = []
    var askedEarlier = 0

    /// Adds a switch that may be asked. `false` when it is known, too far away, or a second one of the same host.
    @discardableResult
    mutating func offer(
        _ endpoint: Endpoint, id: NodeID, toldBy teller: LineTable.Handle? = nil, depth: Int = 1
    ) -> Bool {
        guard !avoided.contains(endpoint) else { return false }
        if let known = candidates.firstIndex(where: { AddressDiversity.areTheSameHost($0.endpoint, endpoint) }) {
            if let teller, candidates[known].endpoint == endpoint { candidates[known].isNamed(by: teller) }
            return false
        }
        let position = candidates.firstIndex { target.isCloser(id, than: $0.id) } ?? candidates.count
        guard position < limits.routing.lookupCandidates else { return false }
        candidates.insert(Candidate(endpoint: endpoint, id: id, teller: teller, depth: depth), at: position)
        if candidates.count > limits.routing.lookupCandidates { candidates.removeLast() }
        return true
    }

    /// The next switch to ask, which then counts as asked; `nil` when enough are in flight or nobody is left.
    ///
    /// Those that gave a short answer are asked for the rest only when they are among the nearest: on the way there
    /// four names lead on as well as eight.
    ///
    /// One that did not answer, or can't be dialled now, is called in the end (`isCalled`) if it would be among the
    /// nearest: with 5 % loss each way two questions miss one switch in a hundred that is there.
    mutating func next(now: Instant) -> Candidate? {
        if let pause = pausedUntil {
            guard now >= pause else { return nil }
            pausedUntil = nil
        }
        guard inFlight < limits.routing.alpha, asked < limits.routing.lookupQuestions else { return nil }
        guard let index = nextToAsk else { return nil }
        if candidates[index].state == .answered {
            candidates[index].mayBeAskedAgain = false
        } else if candidates[index].state == .failed {
            candidates[index].mayBeCalled = false
            if !candidates[index].isCalled { called += 1 }
            candidates[index].isCalled = true
        } else if candidates[index].misses == 0 {
            asked += 1
        }
        candidates[index].state = .asked(now)
        return candidates[index]
    }

    private var nextToAsk: Int? {
        var responsive = 0
        var short: Int?
        var silent: Int?
        for index in candidates.indices where responsive < width {
            switch candidates[index].state {
            case .fresh:
                return index
            case .answered:
                responsive += 1
                if short == nil, candidates[index].wasShort, candidates[index].mayBeAskedAgain { short = index }
            case .asked:
                responsive += 1
            case .failed:
                if silent == nil, canCall(candidates[index]) { silent = index }
            }
        }
        return short ?? silent
    }

    /// Since when an answer of this switch is awaited, and how far from us it is in referrals; `nil` when none is.
    func awaits(_ endpoint: Endpoint) -> (since: Instant, depth: Int)? {
        for candidate in candidates where candidate.endpoint == endpoint {
            if case .asked(let at) = candidate.state { return (at, candidate.depth) }
        }
        return nil
    }

    /// The switch answered. With `isShort` it may be asked once more. Returns how long it took, when that is certain.
    @discardableResult
    mutating func didAnswer(_ endpoint: Endpoint, isShort: Bool, now: Instant) -> Duration? {
        guard let index = candidates.firstIndex(where: { $0.endpoint == endpoint }) else { return nil }
        defer {
            candidates[index].state = .answered
            candidates[index].wasShort = isShort
        }
        guard case .asked(let at) = candidates[index].state, candidates[index].misses == 0 else { return nil }
        return at.duration(to: now)
    }

    /// The switch began anew on its address: what it was asked before never reached it, so it is asked once more.
    mutating func didRestart(_ endpoint: Endpoint) {
        guard let index = candidates.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        switch candidates[index].state {
        case .asked where candidates[index].wasShort:
            candidates[index].state = .answered
            candidates[index].mayBeAskedAgain = true
        case .asked, .failed:
            candidates[index].state = .fresh
            candidates[index].misses = 1
        case .fresh, .answered: break
        }
    }

    mutating func didFail(_ endpoint: Endpoint) {
        guard let index = candidates.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        candidates[index].state = .failed
    }

    /// The switch can't be asked just now.
    mutating func postpone(_ endpoint: Endpoint, until: Instant) {
        guard let index = candidates.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        let isRepeat = candidates[index].wasShort
        candidates[index].state = isRepeat ? .answered : .fresh
        if isRepeat {
            candidates[index].mayBeAskedAgain = true
        } else if candidates[index].misses == 0 {
            asked -= 1
        }
        pausedUntil = until
    }

    /// Gives up on answers that are late: the switch is asked once more, and then never again. Returns those who
    /// failed.
    mutating func expire(now: Instant, patience: Duration) -> [Endpoint] {
        var failed: [Endpoint] = []
        for index in candidates.indices {
            guard case .asked(let at) = candidates[index].state,
                at.duration(to: now) >= self.patience(with: candidates[index], patience)
            else { continue }
            candidates[index].misses += 1
            if candidates[index].isCalled {
                candidates[index].state = .failed
                candidates[index].mayBeCalled = candidates[index].wasGreeted
                candidates[index].wasGreeted = false
            } else if candidates[index].wasShort {
                candidates[index].state = .answered
            } else if candidates[index].misses < limits.routing.questionTries {
                candidates[index].state = .fresh
            } else {
                candidates[index].state = .failed
                failed.append(candidates[index].endpoint)
            }
        }
        return failed
    }

    /// Whether the nearest that answer have all been asked, or nobody is left to ask.
    var isFinished: Bool {
        var answered = 0
        for candidate in candidates {
            switch candidate.state {
            case .answered:
                if candidate.wasShort, candidate.mayBeAskedAgain, asked < limits.routing.lookupQuestions {
                    return false
                }
                answered += 1
            case .asked: return false
            case .fresh where asked < limits.routing.lookupQuestions: return false
            case .failed where canCall(candidate): return false
            case .fresh, .failed: continue
            }
            if answered >= width { return true }
        }
        return true
    }

    func deadline(patience: Duration) -> Instant {
        var earliest = pausedUntil ?? .distantFuture
        for candidate in candidates {
            guard case .asked(let at) = candidate.state else { continue }
            earliest = min(earliest, at.advanced(by: self.patience(with: candidate, patience)))
        }
        return earliest
    }

    var closestResponders: [Endpoint] {
        responders.prefix(limits.routing.k).map(\.endpoint)
    }

    /// Those that would be among the nearest if they answered, and that several who did answer named, nearest first: where
    /// thousands ask at once the nearest can't answer all of them.
    var silentClosest: [Endpoint] {
        let reach = reach
        let silent = candidates.filter { candidate in
            candidate.state == .failed && candidate.namings >= limits.trees.witnesses
                && (reach.map { target.distance(to: candidate.id) < $0 } ?? true)
        }
        return silent.prefix(limits.routing.k).map(\.endpoint)
    }

    func report(as id: LookupID, now: Instant) -> LookupReport {
        LookupReport(
            id: id, target: target, closest: closestResponders, queries: queries,
            hops: responders.first?.depth ?? 0, took: startedAt.duration(to: now))
    }

    private var inFlight: Int { candidates.count { if case .asked = $0.state { true } else { false } } }
}
