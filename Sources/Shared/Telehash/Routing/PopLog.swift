import TelehashWire

/// Greetings that we sent because somebody asked for them: at most one per target in a while, because the request
/// names whom we shall send to (T13).
struct PopLog: Sendable {
    private let limits: Limits
    private var greeted: [Endpoint: Instant] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { greeted.count }

    /// Whether the target may be greeted now; notes it if so.
    mutating func take(_ target: Endpoint, now: Instant) -> Bool {
        if let last = greeted[target], last.duration(to: now) < limits.routing.popInterval { return false }
        if greeted.count >= limits.routing.popTargets {
            greeted = greeted.filter { $0.value.duration(to: now) < limits.routing.popInterval }
            guard greeted.count < limits.routing.popTargets else { return false }
        }
        greeted[target] = now
        return true
    }

    /// The address in a `+pop` (`th:1.2.3.4:5`); `nil` when it is none.
    static func target(of pop: String) -> Endpoint? {
        guard pop.hasPrefix("th:") else { return nil }
        return Endpoint(String(pop.dropFirst(3)))
    }
}
