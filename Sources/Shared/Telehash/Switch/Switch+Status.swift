extension Switch {
    /// A picture for people and metrics. Costs as much as there are counters, buckets and proven lines.
    public func status(now: Instant) -> SwitchStatus {
        SwitchStatus(
            address: address.endpoint,
            id: address.id,
            proven: lines.proven.count,
            ringing: lines.ringing.count,
            windowsClosed: lines.proven.count { !lines.slots[$0.slot].window.isOpen(limits: limits) },
            signalsQueued: lines.proven.reduce(0) { $0 + lines.slots[$1.slot].queue.count },
            switches: switchCount,
            isDeaf: hearing.isDeaf,
            buckets: buckets.population,
            tapsOurs: ownTaps.ends.count,
            tapsTheirs: taps.count,
            openPublications: publications.count,
            runningLookups: lookups.running.count,
            lookups: lookups.totals,
            budgets: budgets(now: now),
            tables: tables,
            counters: counters.byName)
    }

    private func budgets(now: Instant) -> [SwitchStatus.Budget] {
        [
            ("dials", dialler.level(now: now)), ("stranger_telexes", strangers.level(now: now)),
            ("requests", requests.level(now: now)),
            ("stranger_signals", strangerSignals.level(now: now)), ("adoptions", adoptions.level(now: now)),
            ("redirects", redirects.level(now: now)), ("tree_dials", treeDials.level(now: now)),
            ("copies_to_2011", copiesOf2011.level(now: now)),
        ].map { name, level in
            SwitchStatus.Budget(name: name, tokens: level.tokens, limit: level.limit, perSecond: level.perSecond)
        }
    }

    private var tables: [SwitchStatus.Table] {
        [
            .init(name: "proven_lines", count: lines.proven.count, limit: limits.provenLines),
            .init(name: "ringing_lines", count: lines.ringing.count, limit: limits.unprovenLines),
            .init(name: "replacements", count: buckets.replacementCount, limit: 160 * limits.replacements),
            .init(name: "dials_waiting", count: dialler.waitingCount, limit: limits.dialQueue),
            .init(name: "lookups_running", count: lookups.running.count, limit: limits.lookups),
            .init(name: "lookups_waiting", count: lookups.waitingCount, limit: limits.lookupQueue),
            .init(name: "open_publications", count: publications.count, limit: limits.openPublications),
            .init(name: "signals_relayed", count: relayed.count, limit: limits.rememberedSignals),
            .init(name: "signals_delivered", count: delivered.count, limit: limits.rememberedSignals),
        ]
    }
}
