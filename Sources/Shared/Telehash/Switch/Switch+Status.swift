extension Switch {
    /// A picture for people and metrics. Costs as much as there are counters and buckets.
    public func status(now: Instant) -> SwitchStatus {
        SwitchStatus(
            address: address.endpoint,
            id: address.id,
            proven: lines.proven.count,
            ringing: lines.ringing.count,
            switches: switchCount,
            buckets: buckets.population,
            tapsOurs: ownTaps.ends.count,
            tapsTheirs: taps.count,
            openPublications: publications.count,
            runningLookups: lookups.running.count,
            counters: counters.byName)
    }
}
