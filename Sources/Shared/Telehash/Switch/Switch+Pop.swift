import TelehashWire

// Greetings through NATs (part B, section 9; part A, rule 12). Whoever is dialled behind a NAT can't hear the dial; a
// switch that it has a line with passes on `+pop`, and it sends a telex that opens its NAT for the dialler.
extension Switch {
    /// Asks a peer that should know a switch to make it greet us. Returns whether the request went out.
    @discardableResult
    mutating func askToGreet(
        _ id: NodeID, through teller: LineTable.Handle, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        guard let own = address.endpoint, let slot = lines.slot(of: teller), lines.slots[slot].isProven else {
            return false
        }
        let signals = Signals(["+end": id.hex, "+pop": "th:\(own)"])
        guard sendSignals(signals, hop: 1, on: slot, for: nil, &event).wasSent else { return false }
        counters.add(.popsAsked)
        return true
    }

    /// Greets whoever a proven peer says wants to reach us. The request names the target, so a target gets one in half
    /// a minute, and nobody gets one that we would not dial.
    mutating func greetIfAsked(_ signals: Signals, _ event: inout Event<some RandomNumberGenerator>) {
        guard let pop = signals["+pop"], let own = address.id, let text = signals["+end"], NodeID(hex: text) == own
        else { return }
        guard let target = PopLog.target(of: pop), mayMeet(target, toldBy: nil),
            dialler.ready(now: event.now) <= event.now, pops.take(target, now: event.now, limits: limits),
            dialler.takeDial(now: event.now)
        else { return counters.add(.popRefused) }
        guard let slot = lines.slot(of: target) ?? openLine(to: target, &event) else {
            return counters.add(.tableFull)
        }
        counters.add(.popsGreeted)
        var writer = beginTelex(on: slot)
        writer.pad(to: limits.greetingBytes)
        send(writer.finish(), on: slot, &event)
    }
}
