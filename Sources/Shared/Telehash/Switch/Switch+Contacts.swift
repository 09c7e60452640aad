import TelehashWire

extension Switch {
    /// The switches worth knowing after a restart, best first: they answered us. Those of the table come before others, who
    /// can be reached by everybody before who may sit behind a NAT, whom we have known longest before newcomers, and one
    /// of each neighbourhood of the address space before a second one.
    ///
    /// - Parameter limit: how many at the most.
    public func contacts(limit: Int) -> [Endpoint] {
        // A bucket's entries stand in the order in which they came.
        let entries = buckets.buckets.reversed().flatMap { $0.entries.enumerated() }
            .sorted { ($1.element.evidence, $0.offset) < ($0.element.evidence, $1.offset) }
            .map(\.element.endpoint)
        let listed = Set(entries)
        let others = lines.proven.map { lines.slots[$0.slot] }
            .filter { $0.isSwitch && !listed.contains($0.endpoint) }
            .sorted { ($0.openedAt, $0.generation) < ($1.openedAt, $1.generation) }
            .map(\.endpoint)
        return Array(AddressDiversity.spread(entries + others).prefix(max(limit, 0)))
    }
}
