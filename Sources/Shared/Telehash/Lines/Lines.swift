import TelehashWire

/// The lowest layer: which switch is proven to sit where, what may be sent to it, and what waits.
///
/// It knows addresses and rings, windows and queues, and the budgets of those who proved nothing. It does not know why a
/// line is wanted: the layers above say what goes out, and are told what became of it.
struct Lines: Sendable {
    enum SignalOutcome {
        /// With so many bytes.
        case sent(Int)
        case queued
        case dropped

        var wasSent: Bool { if case .sent = self { true } else { false } }
    }

    /// What a question is for, which decides whether it passes a closed window.
    enum QuestionKind {
        case plain
        /// Shows whether what went before it arrived.
        case probe
        /// The line may end without it.
        case urgent
    }

    let limits: Limits
    private var table = LineTable()
    /// Proven lines in the order in which they are to be looked at, and when that is the next time.
    private var looks = LookQueue()
    private(set) var sweepAt = Instant.distantFuture
    /// Questions that will be given up, by the line they were asked on.
    private(set) var questionExpiries = TimedQueue<LineTable.Handle>()
    /// Lines on which a probe is to follow the last one.
    private(set) var probesDue = TimedQueue<LineTable.Handle>()
    /// Lines of an earlier life, until the start is over.
    private var remembered: [Endpoint: RememberedLine]
    /// Addresses that were rung because of a bare `.tap`.
    private(set) var bareTaps: RecentSet<Endpoint>
    var hearing: Hearing
    /// Publications whose copy found no room in a line's queue, by the line's slot, until they are over: they have their turn when
    /// nothing else waits there.
    var putOff: [Int: TimedQueue<PublicationHandle>] = [:]
    /// Bytes of all that waits for the windows of lines.
    private(set) var queuedBytes = 0
    /// What is asked for where only the answer matters: our own place.
    var place: NodeID

    private(set) var strangers: SharedBudget
    private(set) var requests: SharedBudget
    private(set) var strangerSignals: SharedBudget

    init(remembered lines: [RememberedLine], place: NodeID, now: Instant, limits: Limits) {
        self.limits = limits
        self.place = place
        remembered = Dictionary(
            lines.prefix(limits.lines.rememberedLines).map { ($0.endpoint, $0) }, uniquingKeysWith: { $1 })
        bareTaps = RecentSet(span: limits.lines.bareTapInterval, capacity: limits.lines.bareTaps)
        hearing = Hearing(limits: limits)
        func shared(_ rate: TokenRate, _ parts: BudgetParts) -> SharedBudget {
            SharedBudget(rate, parts, limits: limits, now: now)
        }
        strangers = shared(limits.lines.strangerTelexes, limits.lines.strangerTelexParts)
        requests = shared(limits.lines.requests, limits.lines.requestParts)
        strangerSignals = shared(limits.lines.strangerSignals, limits.lines.strangerSignalParts)
    }

    // MARK: What there is

    /// The layers above write here what they note about the peer; its proof, windows and queues are this layer's own.
    subscript(slot: Int) -> Line {
        @inline(__always) _read { yield table.slots[slot] }
        @inline(__always) _modify { yield &table.slots[slot] }
    }

    var proven: [LineTable.Peer] { @inline(__always) _read { yield table.proven } }
    var ringing: [Int] { table.ringing }
    func slot(of endpoint: Endpoint) -> Int? { table.slot(of: endpoint) }
    func slot(of handle: LineTable.Handle) -> Int? { table.slot(of: handle) }
    func handle(_ slot: Int) -> LineTable.Handle { table.handle(slot) }
    func isSwitch(_ slot: Int) -> Bool { table.isSwitch(slot) }

    func provenSlot(of endpoint: Endpoint) -> Int? {
        table.slot(of: endpoint).flatMap { self[$0].isProven ? $0 : nil }
    }

    // MARK: Lines come and go

    /// Whether another ringing line has to give way to one more.
    var isFull: Bool { table.ringing.count >= limits.lines.unprovenLines }

    /// The ringing line that gives way. A random one, so that a flood can't choose which, but none that we dialled and that
    /// may still answer.
    func ringingVictim(_ moment: inout Moment) -> Int? {
        for _ in 0..<16 {
            guard let slot = table.ringing.randomElement(using: &moment.random) else { return nil }
            let isDialling = self[slot].dialledAt.map { $0.duration(to: moment.now) <= limits.lines.ringPending }
            if isDialling != true { return slot }
        }
        return nil
    }

    /// Makes a ringing line. The caller has seen to it that there is none and that there is room.
    mutating func open(_ endpoint: Endpoint, isSeed: Bool, _ moment: inout Moment) -> Int {
        let ring = LineProof.drawRing(using: &moment.random)
        sweepAt = min(sweepAt, moment.now.advanced(by: limits.lines.sweep))
        return table.open(
            endpoint, ringOut: ring, remembered: remembered[endpoint], isSeed: isSeed, now: moment.now, limits: limits)
    }

    func provenVictim(for newcomer: Int, isNeeded: (Int) -> Bool) -> Int? {
        table.provenVictim(for: newcomer, isNeeded: isNeeded, limits: limits)
    }

    /// The peer received our ring at its address. The caller has made room.
    mutating func promote(_ slot: Int, _ moment: inout Moment) {
        moment.count(.linesProven)
        self[slot].wasReached = self[slot].dialledAt != nil && !self[slot].wasGreeted
        table.promote(slot)
        look(at: slot, by: moment.now.advanced(by: limits.lines.sweep))
    }

    mutating func restart(_ slot: Int, now: Instant) {
        self[slot].tapHeld = OwnTaps.Selection()
        self[slot].window = LineWindow(now: now, limits: limits)
        self[slot].hasAsked = false
    }

    mutating func close(_ slot: Int) {
        changeQueue(of: slot) { $0.removeAll() }
        table.close(slot)
    }

    /// Whether nothing was heard, or said, for too long.
    func isDead(_ slot: Int, now: Instant) -> Bool {
        self[slot].quietSince.duration(to: now) >= self[slot].patience(limits: limits)
            && !self[slot].proof.isPending(now: now, limits: limits)
    }

    /// The addresses of the lines of an earlier life, which are open to nobody else from now on.
    mutating func endOfStart() { remembered = [:] }
    var rememberedEndpoints: [Endpoint] { remembered.keys.sorted { $0.nodeID < $1.nodeID } }

    // MARK: What is known of a peer

    mutating func becomeSwitch(_ slot: Int) { table.becomeSwitch(slot) }

    /// See ``Routing/passOver(_:)``.
    subscript(passedOver slot: Int) -> Bool {
        get { table[passedOver: slot] }
        set { table[passedOver: slot] = newValue }
    }

    /// Our address as the peer of a proven line sees it.
    subscript(tellsUs slot: Int) -> Endpoint? {
        get { table[tellsUs: slot] }
        set { table[tellsUs: slot] = newValue }
    }

    /// Dials that were lost on our side are nobody's fault.
    mutating func forgetUnansweredDials() {
        for slot in table.ringing where self[slot].dialledAt != nil { self[slot].unansweredDials = 0 }
    }

    // MARK: A telex comes in

    /// Whether a telex is read, whatever else comes in: strangers can make themselves lines that ring, but neither prove
    /// them nor make us dial.
    mutating func mayRead(from sender: Endpoint, on slot: Int?, now: Instant) -> Bool {
        if let slot, self[slot].isProven || self[slot].dialledAt != nil { return true }
        return strangers.take(for: sender, now: now)
    }

    mutating func admit(_ telex: Telex, on slot: Int, _ moment: inout Moment) -> LineProof.Verdict {
        let wasLockedOut = self[slot].proof.wrongLines.isLockedOut
        let verdict = self[slot].proof.admit(
            ring: telex.ring, line: telex.line, now: moment.now, limits: limits, using: &moment.random)
        if case .refused(let reason) = verdict {
            moment.count(reason)
            if !wasLockedOut, self[slot].proof.wrongLines.isLockedOut { moment.count(.linesLockedOut) }
        }
        return verdict
    }

    /// A stranger asks on a line that was just made. A `_line` in its telex can't be checked and proves nothing: the peer
    /// may remember a line from before our restart.
    mutating func meetStranger(_ telex: Telex, on slot: Int, _ moment: inout Moment) {
        if let line = telex.line { self[slot].proof.expectStaleLine(line) }
        guard telex.ring != nil else { return }
        _ = self[slot].proof.admit(
            ring: telex.ring, line: nil, now: moment.now, limits: limits, using: &moment.random)
    }

    /// Counts the telex in the line's windows and budgets; `false` when one of them is exceeded.
    mutating func account(
        for telex: Telex, size: Int, _ verdict: LineProof.Verdict, on slot: Int, _ moment: inout Moment
    ) -> Bool {
        // Whoever sends rings in the name of a proven peer must not use up its window.
        let fits = verdict == .challenged || self[slot].window.didReceive(size, limits: limits)
        if verdict.isAuthentic {
            // The report of a telex counts even when the telex is dropped, or both sides could wait for ever.
            if let br = telex.br { self[slot].window.didReport(br, now: moment.now, limits: limits) }
            if verdict == .proved { self[slot].window.didProve() }
            // What came before may have been sent by others in the peer's name, who must not make it lose its first words.
            guard fits || verdict == .proved else {
                moment.count(.windowOverrun)
                sendReport(slot, &moment)
                return false
            }
            guard self[slot].arrivals.take(of: limits.lines.lineTelexes, now: moment.now) else {
                moment.count(.lineRate)
                return false
            }
            self[slot].unansweredDials = 0
        } else {
            self[slot].didReceiveFromStranger(size)
        }
        self[slot].seenAt = moment.now
        return true
    }

    /// Whether a question of somebody unproven may cost anything.
    mutating func takeRequest(of endpoint: Endpoint, _ moment: inout Moment) -> Bool {
        if requests.take(for: endpoint, now: moment.now) { return true }
        moment.count(.requestRate)
        return false
    }

    /// Whether signals of somebody unproven are looked at.
    mutating func takeSignals(of endpoint: Endpoint, _ moment: inout Moment) -> Bool {
        if strangerSignals.take(for: endpoint, now: moment.now) { return true }
        moment.count(.strangerSignalRate)
        return false
    }

    /// A peer answered a question. What that says about the copies that went out before it.
    mutating func didAnswer(_ slot: Int, accepted: Int, now: Instant) -> DeliveryLog.Verdict {
        let verdict = self[slot].deliveries.didAnswer(accepted: accepted, sent: self[slot].window.sent, now: now)
        // An answer that tells nothing must not close a window again that opened because it was stuck.
        if let deficit = verdict.deficit { self[slot].window.didLose(deficit) }
        return verdict
    }

    mutating func nextUnanswered(now: Instant) -> (slot: Int, verdict: DeliveryLog.Verdict)? {
        while let handle = questionExpiries.popDue(now: now) {
            guard let slot = slot(of: handle) else { continue }
            return (slot, self[slot].deliveries.expire(now: now, limits: limits))
        }
        return nil
    }

    /// What was on its way or waited on a line that is gone or began anew: publications that lose a copy.
    mutating func giveUpCopies(on slot: Int) -> [PublicationHandle] {
        defer { changeQueue(of: slot) { $0.removeAll() } }
        let putOff = putOff.removeValue(forKey: slot)?.elements ?? []
        return self[slot].deliveries.reset().map(\.publication) + self[slot].queue.items.compactMap(\.publication)
            + putOff
    }

    /// The one way to change what waits for a line's window.
    mutating func changeQueue<Result>(of slot: Int, _ change: (inout SignalQueue) -> Result) -> Result {
        queuedBytes -= Int(self[slot].queue.byteCount)
        defer { queuedBytes += Int(self[slot].queue.byteCount) }
        return change(&self[slot].queue)
    }

    /// An answer is to come, whose `_br` will tell what arrived.
    mutating func noteQuestion(on slot: Int, isProbe: Bool, now: Instant) {
        self[slot].deliveries.didAsk(mark: self[slot].window.sent, isProbe: isProbe, now: now, limits: limits)
        questionExpiries.insert(handle(slot), at: now.advanced(by: limits.lines.repeatAfter))
        if self[slot].isProven, isSwitch(slot) { hearing.didAsk(now: now) }
    }

    mutating func planProbe(_ slot: Int, at due: Instant, now: Instant) {
        if let planned = self[slot].probePlannedAt, planned > now, planned <= due { return }
        self[slot].probePlannedAt = due
        probesDue.insert(handle(slot), at: due)
    }

    /// Sends the probes that were planned.
    mutating func sendPlannedProbes(_ moment: inout Moment) {
        while let handle = probesDue.popDue(now: moment.now) {
            guard let slot = slot(of: handle) else { continue }
            guard let planned = self[slot].probePlannedAt, planned <= moment.now else { continue }
            self[slot].probePlannedAt = nil
            probe(slot, &moment)
        }
    }

    /// Whether a bare tap is to be answered with our ring: once in ``LineLimits/bareTapInterval``, and from the budget of all
    /// strangers.
    mutating func mayRing(_ endpoint: Endpoint, _ moment: inout Moment) -> Bool {
        guard !bareTaps.contains(endpoint, now: moment.now), takeRequest(of: endpoint, &moment) else { return false }
        return bareTaps.insert(endpoint, now: moment.now)
    }

    // MARK: What is due

    /// Sees to it that a proven line is looked at by then. Whoever lets something wait on a line, or plans something sooner
    /// than before, must say so here.
    mutating func look(at slot: Int, by moment: Instant) {
        guard self[slot].isProven, moment < self[slot].lookAt else { return }
        self[slot].lookAt = moment
        looks.insert(LookQueue.Entry(line: handle(slot), at: moment))
        sweepAt = min(sweepAt, moment)
    }

    /// When the next keepalive of a proven line goes out, if it is still wanted then.
    mutating func planKeepalive(on slot: Int, at moment: Instant) {
        self[slot].keepaliveAt = moment
        look(at: slot, by: moment)
    }

    /// The next proven line that is due to be looked at, and at which something is to be done.
    mutating func nextLook(now: Instant) -> Int? {
        while let entry = looks.popDue(now: now) {
            guard let slot = slot(of: entry.line), self[slot].lookAt == entry.at else { continue }
            self[slot].lookAt = .distantFuture
            if let rest = rest(of: slot), rest > now {
                look(at: slot, by: rest)
                continue
            }
            return slot
        }
        return nil
    }

    /// A line was looked at, and everything done that was due.
    mutating func didLook(at slot: Int, now: Instant) {
        let soon = now.advanced(by: limits.lines.sweep)
        look(at: slot, by: rest(of: slot).map { max($0, soon) } ?? now.advanced(by: limits.lines.stalledWindow))
    }

    /// When something has to be done about a proven line if nothing comes or goes until then; `nil` when something waits
    /// to go out.
    private func rest(of slot: Int) -> Instant? {
        guard self[slot].queue.isEmpty, self[slot].window.isOpen(limits: limits) else { return nil }
        return min(self[slot].quietSince.advanced(by: limits.lines.lineSilence), self[slot].keepaliveAt)
    }

    func nextLook(atRinging slot: Int, now: Instant) -> Instant {
        let line = self[slot]
        let end = max(line.heardAt.advanced(by: line.patience(limits: limits)), now.advanced(by: limits.lines.sweep))
        guard line.unansweredDials > 0, let dialledAt = line.dialledAt, !line.isSeed else { return end }
        let again = dialledAt.advanced(by: limits.routing.redialInterval)
        return again > now ? min(end, again) : end
    }

    /// All lines that were due have been looked at; a ringing one is due at `next`.
    mutating func endSweep(next: Instant, now: Instant) {
        // Lines leave entries behind when they are entered again.
        if looks.count > 2 * table.proven.count + Lines.staleLooks {
            looks.removeAll()
            for peer in table.proven {
                looks.insert(LookQueue.Entry(line: handle(peer.slot), at: self[peer.slot].lookAt))
            }
        }
        table.trim()
        looks.trim()
        let next = min(next, looks.first?.at ?? .distantFuture)
        sweepAt = next == .distantFuture ? next : max(next, now.advanced(by: limits.lines.shortestSweep))
    }

    private static let staleLooks = 64
}
