import TelehashWire

/// A picture of a ``Switch`` at one moment, for people and metrics.
public struct SwitchStatus: Sendable {
    /// A rate that something is held to.
    public struct Budget: Sendable {
        /// `dials`, `stranger_telexes` (that are read at all), `requests` (questions of strangers), `stranger_signals`,
        /// `adoptions`, `adopted_lookups`, `redirects` (tappers sent on), `tree_dials` (to parents), `copies_to_2011` (beyond those for whom
        /// there is a place).
        public let name: String
        /// What could be spent at once now, 0…``limit``.
        public let tokens: Double
        public let limit: Double
        /// How fast it fills.
        public let perSecond: Double
    }

    /// Something that is kept, and how much of it there may be.
    public struct Table: Sendable {
        /// `proven_lines`, `ringing_lines`, `dials_waiting`…
        public let name: String
        public let count: Int
        public let limit: Int
    }

    /// Our own address, once it is known.
    public let address: Endpoint?
    /// The SHA-1 of ``address``.
    public let id: NodeID?
    /// Lines whose peer is proven to sit at its address.
    public let proven: Int
    /// Lines that are not proven yet.
    public let ringing: Int
    /// Proven lines whose peer has to report before it gets more signals.
    public let windowsClosed: Int
    /// Signals that wait for the window of their line.
    public let signalsQueued: Int
    /// Proven lines whose peer takes part in the DHT.
    public let switches: Int
    /// Whether nobody answers any more although we asked: lines and buckets are what is left of a better time.
    public let isDeaf: Bool
    /// Inhabited buckets: distance 0 (closest) … 159 (furthest), and how many switches stand in each.
    public let buckets: [(distance: Int, switches: Int)]
    /// The ends that we listen to.
    public let tapsOurs: Int
    /// The peers that hold a tap here.
    public let tapsTheirs: Int
    /// Publications that are not finished.
    public let openPublications: Int
    /// Lookups that run.
    public let runningLookups: Int
    /// What came of those that are over.
    public let lookups: LookupTotals
    public let budgets: [Budget]
    public let tables: [Table]
    /// Everything that is counted, under names like `line_wrong`; every drop has its own.
    public let counters: [String: UInt64]
}

extension Exchange {
    func status(_ counters: Counters, now: Instant) -> SwitchStatus {
        SwitchStatus(
            address: routing.address.endpoint,
            id: routing.address.id,
            proven: lines.proven.count,
            ringing: lines.ringing.count,
            windowsClosed: lines.proven.count { !lines[$0.slot].window.isOpen(limits: limits) },
            signalsQueued: lines.proven.reduce(0) { $0 + lines[$1.slot].queue.count },
            switches: lines.proven.count(where: \.isSwitch),
            isDeaf: lines.hearing.isDeaf,
            buckets: routing.buckets.population,
            tapsOurs: ownTaps.ends.count,
            tapsTheirs: taps.count,
            openPublications: publications.count,
            runningLookups: routing.lookups.running.count,
            lookups: routing.lookups.totals,
            budgets: budgets(now: now),
            tables: tables,
            counters: counters.byName)
    }

    private func budgets(now: Instant) -> [SwitchStatus.Budget] {
        [
            routing.dialler.budget.status("dials", now: now), lines.strangers.status("stranger_telexes", now: now),
            lines.requests.status("requests", now: now), lines.strangerSignals.status("stranger_signals", now: now),
            adoptions.status("adoptions", now: now), adoptedLookups.status("adopted_lookups", now: now),
            trees.redirects.status("redirects", now: now),
            trees.dials.status("tree_dials", now: now), copiesOf2011.status("copies_to_2011", now: now),
        ]
    }

    /// What is kept, and how much of it there may be: also for the audit.
    var tables: [SwitchStatus.Table] {
        [
            .init(name: "proven_lines", count: lines.proven.count, limit: limits.lines.provenLines),
            .init(name: "ringing_lines", count: lines.ringing.count, limit: limits.lines.unprovenLines),
            .init(
                name: "replacements", count: routing.buckets.replacementCount, limit: 160 * limits.routing.replacements),
            .init(name: "dials_waiting", count: routing.dialler.waiting.count, limit: limits.routing.dialQueue),
            .init(name: "lookups_running", count: routing.lookups.running.count, limit: limits.routing.lookups),
            .init(name: "lookups_waiting", count: routing.lookups.queued.count, limit: limits.routing.lookupQueue),
            .init(name: "open_publications", count: publications.count, limit: limits.exchange.openPublications),
            .init(name: "signals_relayed", count: relayed.count, limit: limits.exchange.rememberedSignals),
            .init(name: "signals_delivered", count: delivered.count, limit: limits.exchange.rememberedSignals),
        ]
    }

    /// See ``Switch/rememberedLines()``.
    func rememberedLines() -> [RememberedLine] {
        let used = lines.proven.map(\.slot).filter { isWanted($0) && !lines[$0].speaksOfTrees }
        func rank(_ slot: Int) -> (Int, Instant, Int) {
            let hasTap = !lines[slot].tapHeld.ends.isEmpty || taps.hasTap(slot)
            return (hasTap ? 0 : 1, lines[slot].openedAt, slot)
        }
        return used.sorted { rank($0) < rank($1) }.prefix(limits.lines.rememberedLines).compactMap { slot in
            guard let ringIn = lines[slot].proof.ringIn else { return nil }
            return RememberedLine(
                endpoint: lines[slot].endpoint, ringOut: lines[slot].proof.ringOut, ringIn: ringIn,
                sent: lines[slot].window.sent, received: lines[slot].window.received)
        }
    }
}
