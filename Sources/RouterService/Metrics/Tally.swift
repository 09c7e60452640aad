/// How often each of some things happened; their raw values are the names of `status` and `/metrics`.
struct Tally<Event: RawRepresentable<String> & CaseIterable & Hashable & Sendable>: Sendable {
    private var counts: [Event: UInt64] = [:]

    subscript(event: Event) -> UInt64 {
        get { counts[event, default: 0] }
        set { counts[event] = newValue }
    }

    /// All of them, also those that are zero.
    var byName: [String: UInt64] {
        Dictionary(uniqueKeysWithValues: Event.allCases.map { ($0.rawValue, self[$0]) })
    }
}
