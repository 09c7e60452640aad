import TelehashWire

extension Switch {
    /// Begins a telex on a line: address, `.see`, `_line` when both rings are known and else our `_ring`, and `_br`.
    ///
    /// - Parameters:
    ///   - see: the switches that the telex names. A C program of 2011 reads them only as the second member.
    ///   - withRing: adds our `_ring` to the `_line`, for a peer that may not expect a `_line` any more.
    func beginTelex(
        on slot: Int, naming see: [Endpoint]? = nil, withRing: Bool = false,
        capacity: Int = TelexWriter.headerCapacity
    ) -> TelexWriter {
        var writer = TelexWriter(capacity: capacity)
        writer.to(lines.slots[slot].endpoint)
        if let see { writer.see(see) }
        let line = lines.slots[slot].proof.line
        if let line { writer.line(line) }
        if line == nil || withRing { writer.ring(lines.slots[slot].proof.ringOut) }
        writer.br(lines.slots[slot].window.received)
        return writer
    }

    /// Begins the answer to a ring that differs from the proven line's: it carries the line that the peer must
    /// return, and counts nothing of what the peer before it sent.
    func beginChallenge(on slot: Int, naming see: [Endpoint]? = nil) -> TelexWriter {
        var writer = TelexWriter(capacity: 256)
        writer.to(lines.slots[slot].endpoint)
        if let see { writer.see(see) }
        if let line = lines.slots[slot].proof.challengeLine { writer.line(line) }
        writer.br(0)
        return writer
    }

    /// Sends a finished telex and counts it in the line's windows.
    mutating func send(_ datagram: [UInt8], on slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        lines.slots[slot].sentAt = event.now
        lines.slots[slot].window.didSend(datagram.count, now: event.now, limits: limits)
        if lines.slots[slot].proof.line == nil { lines.slots[slot].proof.ringWasSent(now: event.now) }
        if !lines.slots[slot].window.isOpen(limits: limits) {
            look(at: slot, by: event.now.advanced(by: limits.stalledWindow))
        }
        transmit(datagram, to: lines.slots[slot].endpoint, &event)
    }

    private mutating func transmit(
        _ datagram: [UInt8], to endpoint: Endpoint, _ event: inout Event<some RandomNumberGenerator>
    ) {
        counters.add(.telexesSent)
        counters.add(.bytesSent, datagram.count)
        event.effects.append(.send(datagram, to: endpoint))
    }

    /// Sends what an unproven address asked for, if it stays within three times the bytes that came from there.
    ///
    /// Where there is a proven line with the address, anybody can ask in the name of its peer: that does not use up the
    /// line's window.
    mutating func sendToStranger(
        _ datagram: [UInt8], on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        lines.slots[slot].didSendToStranger(datagram.count)
        guard lines.slots[slot].isProven else { return send(datagram, on: slot, &event) }
        transmit(datagram, to: lines.slots[slot].endpoint, &event)
    }

    /// Bytes that an unproven address may still get.
    func strangerAllowance(_ slot: Int) -> Int {
        let bytes = lines.slots[slot].strangerBytes
        return Int(bytes.received) * limits.strangerFactor - Int(bytes.sent)
    }

    /// A telex that says nothing but how much we received: without it the peer would stop. It passes a closed window, or
    /// two of them would wait for each other for ever; the peer has just sent 4000 bytes for these 60.
    mutating func sendReport(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        guard lines.slots[slot].window.admitsReport(limits: limits) else { return counters.add(.windowClosed) }
        send(beginTelex(on: slot).finish(), on: slot, &event)
    }

    /// Asks a proven peer for the switches nearest to `end`. `false` when its window is closed.
    mutating func ask(
        _ slot: Int, for end: NodeID, isProbe: Bool = false, taps selection: OwnTaps.Selection? = nil,
        naming see: [Endpoint]? = nil, isUrgent: Bool = false, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        var writer = beginTelex(on: slot, naming: see, capacity: 256)
        if let selection { write(selection, to: &writer, on: slot) }
        writer.signals(Switch.question(for: end))
        let datagram = writer.finish()
        let isAdmitted =
            if isUrgent {
                lines.slots[slot].window.admitsReport(limits: limits)
            } else if isProbe {
                lines.slots[slot].window.admitsProbe(limits: limits)
            } else {
                lines.slots[slot].window.admits(datagram.count, now: event.now, limits: limits)
            }
        guard isAdmitted else {
            counters.add(.windowClosed)
            return false
        }
        send(datagram, on: slot, &event)
        counters.add(isProbe ? .probes : .questionsAsked)
        noteQuestion(on: slot, isProbe: isProbe, now: event.now)
        return true
    }

    /// Remembers that an answer is to come, whose `_br` will tell what arrived.
    mutating func noteQuestion(on slot: Int, isProbe: Bool, now: Instant) {
        let mark = lines.slots[slot].window.sent
        lines.slots[slot].deliveries.didAsk(mark: mark, isProbe: isProbe, now: now, limits: limits)
        questionExpiries.insert(lines.handle(slot), at: now.advanced(by: limits.repeatAfter))
        if lines.slots[slot].isProven, lines.slots[slot].isSwitch { hearing.didAsk(now: now, limits: limits) }
    }

    static func question(for end: NodeID) -> Signals {
        Signals(["+end": end.hex])
    }
}
