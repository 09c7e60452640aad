import Telehash
import TelehashWire

/// What is true of every switch, whatever happens to it, in terms simpler than the switch's own.
struct SwitchModel {
    let limits: Limits
    var peers = SwitchWorld.peers.enumerated().map { SwitchPeer($1, number: $0) }
    /// The last datagram that the switch sent.
    private(set) var lastSent: [UInt8] = []

    private let ownAddress: Endpoint?
    private let seeds: [Endpoint]
    private let startedAt: Instant
    private var ends: Set<NodeID> = []
    /// The hops at which each set of signals came in, one bit for each.
    private var heardHops: [Signals: UInt8] = [:]
    private var published: Set<Signals> = []
    /// Since when signals are no news: they were published, or delivered.
    private var knownSince: [Signals: Instant] = [:]
    private var progress: [PublicationID: PublicationProgress] = [:]
    private var isLookedUp: [LookupID: Bool] = [:]
    private var dials = 0

    init(limits: Limits, ownAddress: Endpoint?, seeds: [Endpoint], now: Instant) {
        self.limits = limits
        self.ownAddress = ownAddress
        self.seeds = seeds
        startedAt = now
    }

    // MARK: What goes in

    mutating func willReceive(_ bytes: [UInt8], from peer: Int) {
        peers[peer].didSend(bytes)
        guard let telex = try? Telex.decode(bytes), !telex.signals.isEmpty else { return }
        heardHops[telex.signals, default: 0] |= 1 << UInt8(telex.hop)
    }

    mutating func willTap(_ newEnds: Set<NodeID>) {
        ends = newEnds
    }

    mutating func willPublish(_ signals: Signals, as id: PublicationID, now: Instant) {
        published.insert(signals)
        if !isKnown(signals, now: now) { knownSince[signals] = now }
        progress[id] = PublicationProgress(id: id, handed: 0, taken: 0, finished: false)
    }

    mutating func willLookUp(as id: LookupID) {
        isLookedUp[id] = false
    }

    // MARK: What comes out

    mutating func check(_ effects: [Effect], now: Instant) throws(Finding) {
        for effect in effects {
            switch effect {
            case .send(let bytes, let to): try check(bytes, to: to, now: now)
            case .deliver(let delivery): try check(delivery, now: now)
            case .progress(let step): try check(step)
            case .found(let report):
                try require(isLookedUp[report.id] == false, "a lookup ends twice, or was not asked for")
                isLookedUp[report.id] = true
            }
        }
    }

    private mutating func check(_ bytes: [UInt8], to: Endpoint, now: Instant) throws(Finding) {
        lastSent = bytes
        try require(bytes.count <= WireLimits.relayedBytes, "\(bytes.count) bytes in one datagram")
        let telex: Telex
        do throws(TelexError) {
            telex = try Telex.decode(bytes)
        } catch {
            throw Finding("the switch sends what is no telex: \(error)")
        }
        try require(telex.to == to, "a telex for \(to) says that it is for \(String(describing: telex.to))")
        try require(telex.line != nil || telex.ring != nil, "a telex without ring and line")
        try checkSignals(of: telex, size: bytes.count)
        if SwitchPeer.isDial(telex) { try checkDial(of: to, now: now) }
        guard let peer = peers.firstIndex(where: { $0.endpoint == to }) else {
            // A spoilt byte makes an address that never says anything: it may be dialled or greeted, no more.
            return try require(
                SwitchPeer.isDial(telex) || SwitchPeer.isGreeting(telex),
                "\(to), which nobody is, gets more than a dial")
        }
        try peers[peer].didReceive(telex, size: bytes.count, now: now, limits: limits)
    }

    /// Signals go out because they came in one hop earlier, or were published here, or are the switch's own questions.
    private func checkSignals(of telex: Telex, size: Int) throws(Finding) {
        let isOwnPop = telex.signals.map(\.key) == ["+end", "+pop"] && telex.hop == 1
        if telex.hop == 0 || isOwnPop {
            try require(isOwnPop || telex.signals.allSatisfy { $0.key == "+end" }, "signals go out at hop 0")
            try require(size <= WireLimits.originatedBytes, "an own telex of \(size) bytes")
        } else if telex.hop != 1 || !published.contains(telex.signals) {
            let heard = heardHops[telex.signals] ?? 0
            try require(heard & 1 << UInt8(telex.hop - 1) != 0, "signals are relayed at hop \(telex.hop)")
        }
    }

    private mutating func checkDial(of endpoint: Endpoint, now: Instant) throws(Finding) {
        guard !seeds.contains(endpoint) else { return }
        try require(!endpoint.isMartian, "\(endpoint) is dialled")
        if let ownAddress, ownAddress.isPublic {
            try require(endpoint.isPublic, "\(endpoint) is dialled from the internet")
        }
        dials += 1
        let seconds = Double(startedAt.duration(to: now).components.seconds + 1)
        try require(
            Double(dials) <= limits.routing.dials.burst + limits.routing.dials.perSecond * seconds,
            "\(dials) dials in \(seconds) s")
    }

    private mutating func check(_ delivery: Delivery, now: Instant) throws(Finding) {
        let signals = delivery.signals
        try require(signals["+end"].flatMap { NodeID(hex: $0) }.map(ends.contains) == true, "signals of another end")
        try require(signals["+key"] != nil, "signals without a key are delivered")
        try require((heardHops[signals] ?? 0) & 1 << UInt8(delivery.hop) != 0, "signals that nobody sent are delivered")
        try require(!isKnown(signals, now: now) || !remembersAll, "signals are delivered twice, or are own ones")
        knownSince[signals] = now
    }

    private func isKnown(_ signals: Signals, now: Instant) -> Bool {
        knownSince[signals].map { $0.duration(to: now) < limits.exchange.deliverOnce } ?? false
    }

    /// Whether the memory of the switch is larger than anything a program can say.
    private var remembersAll: Bool { limits.exchange.rememberedSignals > 10_000 }

    private mutating func check(_ step: PublicationProgress) throws(Finding) {
        guard let before = progress[step.id] else { throw Finding("progress of what was not published") }
        try require(!before.finished, "progress after the end")
        try require(step.handed >= before.handed && step.taken >= before.taken, "progress goes back")
        try require(step.taken <= step.handed, "\(step.taken) of \(step.handed) copies are taken")
        progress[step.id] = step
    }

    // MARK: In between

    /// The switch's own bounds, which it can be asked about.
    func check(_ excesses: [Switch.Excess]) throws(Finding) {
        guard let worst = excesses.first else { return }
        throw Finding("\(worst.rule): \(worst.value), at most \(worst.limit) (\(worst.peer?.description ?? "no peer"))")
    }

    func check(_ status: SwitchStatus) throws(Finding) {
        try require(status.proven <= limits.lines.provenLines, "\(status.proven) proven lines")
        try require(status.ringing <= limits.lines.unprovenLines, "\(status.ringing) ringing lines")
        try require(status.proven + status.ringing <= peers.count, "more lines than addresses")
        try require(status.switches <= status.proven, "more switches than proven lines")
        try require(status.tapsTheirs <= status.proven, "\(status.tapsTheirs) taps for \(status.proven) proven lines")
        try require(status.tapsOurs == ends.count, "\(status.tapsOurs) taps for \(ends.count) ends")
        try require(
            status.openPublications <= limits.exchange.openPublications, "\(status.openPublications) publications")
        try require(status.runningLookups <= limits.routing.lookups, "\(status.runningLookups) lookups")
        for bucket in status.buckets {
            try require(bucket.switches <= limits.routing.k, "\(bucket.switches) switches in bucket \(bucket.distance)")
        }
    }

    /// After ``ExchangeLimits/publicationLife`` without orders.
    func checkAllIsFinished() throws(Finding) {
        try require(progress.values.allSatisfy(\.finished), "a publication never finishes")
    }
}
