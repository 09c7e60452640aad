import TelehashWire

// Receivers of 2011 take our ring for their line. When we have lost it they say nothing but their tap, twice a minute, with
// neither ring nor line: they are rung up, or they would never hear anything again (part A, decision 17).
extension Switch {
    func isBareTap(_ telex: Telex) -> Bool {
        telex.tap != nil && telex.ring == nil && telex.line == nil && telex.hop == 0 && telex.signals.isEmpty
    }

    /// Whether an address is to be rung: once in ``Limits/bareTapInterval``, and from the budget of all strangers.
    mutating func mayRing(_ endpoint: Endpoint, _ event: inout Event<some RandomNumberGenerator>) -> Bool {
        guard !bareTaps.contains(endpoint.fingerprint, now: event.now) else { return false }
        guard requests.take(now: event.now) else {
            counters.add(.requestRate)
            return false
        }
        return bareTaps.insert(endpoint.fingerprint, now: event.now)
    }

    /// Sends our ring and nothing else. The tap counts when it comes again with a line.
    mutating func ring(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        let datagram = beginTelex(on: slot).finish()
        guard datagram.count <= strangerAllowance(slot) else { return counters.add(.strangerFactor) }
        counters.add(.tappersRung)
        sendToStranger(datagram, on: slot, &event)
    }
}
