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
            isDeaf: lines.isDeaf,
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
        [routing.dialler.budget(now: now)] + lines.budgets(now: now) + [adoptions.status("adoptions", now: now)]
            + trees.budgets(now: now) + [copiesOf2011.status("copies_to_2011", now: now)]
    }

    private var tables: [SwitchStatus.Table] {
        [
            .init(name: "proven_lines", count: lines.proven.count, limit: limits.lines.provenLines),
            .init(name: "ringing_lines", count: lines.ringing.count, limit: limits.lines.unprovenLines),
            .init(
                name: "replacements", count: routing.buckets.replacementCount, limit: 160 * limits.routing.replacements),
            .init(name: "dials_waiting", count: routing.dialler.waitingCount, limit: limits.routing.dialQueue),
            .init(name: "lookups_running", count: routing.lookups.running.count, limit: limits.routing.lookups),
            .init(name: "lookups_waiting", count: routing.lookups.waitingCount, limit: limits.routing.lookupQueue),
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
