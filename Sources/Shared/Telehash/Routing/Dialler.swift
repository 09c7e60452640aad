import TelehashWire

/// Decides which addresses may be dialled, and when: addresses come from others, who may want us to flood a victim
/// (T11, T12).
struct Dialler: Sendable {
    /// An address that somebody named and that is waiting for its turn.
    struct Call: Sendable {
        let endpoint: Endpoint
        let id: NodeID
        /// Who named it: asked to make it greet us, if it sits behind a NAT.
        let teller: LineTable.Handle?
    }

    private(set) var waiting: [Call] = []
    private var isWaiting: Set<Endpoint> = []
    var budget: TokenBucket
    private let limits: Limits
    private var hosts: [AddressGroup: (since: Instant, dials: Int)] = [:]

    init(now: Instant, limits: Limits) {
        self.limits = limits
        budget = TokenBucket(limits.routing.dials, now: now)
    }

    /// `false` when the queue is full. An address waits once.
    mutating func enqueue(_ call: Call) -> Bool {
        guard !isWaiting.contains(call.endpoint) else { return true }
        guard waiting.count < limits.routing.dialQueue else { return false }
        waiting.append(call)
        isWaiting.insert(call.endpoint)
        return true
    }

    mutating func removeNext() {
        isWaiting.remove(waiting.removeFirst().endpoint)
        // Mostly nobody waits, and those who grow a table once don't need the room again.
        if waiting.isEmpty { (waiting, isWaiting) = ([], []) }
    }

    var hostCount: Int { hosts.count }

    /// Whether one more dial to this public IP is allowed now, and counts it if so: the first ones are free, then one
    /// in ``RoutingLimits/dialIPInterval``.
    mutating func takeHost(of endpoint: Endpoint, now: Instant) -> Bool {
        guard endpoint.isPublic else { return true }
        let group = endpoint.hostGroup
        guard var host = hosts[group] else {
            if hosts.count >= limits.routing.dialledIPs {
                hosts = hosts.filter { $0.value.since.duration(to: now) < limits.routing.dialIPInterval }
            }
            guard hosts.count < limits.routing.dialledIPs else { return false }
            hosts[group] = (now, 1)
            return true
        }
        if host.since.duration(to: now) >= limits.routing.dialIPInterval {
            // Ten quiet minutes make a host new; until then it has used up its free dials.
            host.dials = host.since.duration(to: now) >= limits.exchange.deliverOnce ? 1 : limits.routing.dialsPerIP
            host.since = now
        } else {
            guard host.dials < limits.routing.dialsPerIP else { return false }
            host.dials += 1
        }
        hosts[group] = host
        return true
    }

    /// Every host is new again: what was dialled while nobody could hear it is no guide.
    mutating func forgetHosts() { hosts = [:] }
}
