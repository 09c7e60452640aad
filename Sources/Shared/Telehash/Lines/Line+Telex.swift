import TelehashWire

extension Line {
    /// Begins a telex: address, `.see`, `_line` when both rings are known and else our `_ring`, and `_br`.
    ///
    /// - Parameters:
    ///   - see: the switches that the telex names. A C program of 2011 reads them only as the second member.
    ///   - withRing: adds our `_ring` to the `_line`, for a peer that may not expect a `_line` any more.
    func beginTelex(
        naming see: [Endpoint]? = nil, withRing: Bool = false, capacity: Int = TelexWriter.headerCapacity
    ) -> TelexWriter {
        var writer = TelexWriter(capacity: capacity)
        writer.to(endpoint)
        if let see { writer.see(see) }
        let line = proof.line
        if let line { writer.line(line) }
        if line == nil || withRing { writer.ring(proof.ringOut) }
        writer.br(window.received)
        return writer
    }

    /// Begins the answer to a ring that differs from the proven line's: it carries the line that the peer must
    /// return, and counts nothing of what the peer before it sent.
    func beginChallenge(naming see: [Endpoint]? = nil) -> TelexWriter {
        var writer = TelexWriter(capacity: 256)
        writer.to(endpoint)
        if let see { writer.see(see) }
        if let line = proof.challengeLine { writer.line(line) }
        writer.br(0)
        return writer
    }

    /// Whether a telex that we sent to the address came back from it: the address is ours, or somebody reflects. A peer
    /// that drew the same ring by chance doesn't address itself.
    func isEcho(_ telex: Telex) -> Bool {
        guard let ring = telex.ring else { return false }
        return ring == proof.ringOut && !isProven && dialledAt != nil && telex.to == endpoint
    }

    /// Bytes that the address may still get while it is unproven.
    func strangerAllowance(limits: Limits) -> Int {
        Int(strangerBytes.received) * limits.lines.strangerFactor - Int(strangerBytes.sent)
    }

    /// How long the line may be silent until it is dead.
    func patience(limits: Limits) -> Duration {
        !isProven && dialledAt == nil ? limits.lines.strangerSilence : limits.lines.lineSilence
    }
}

extension Telex {
    /// Whether somebody wants to know who is near an end: `+end` at hop 0, also when it comes with signals.
    var isQuestion: Bool { hop == 0 && signals["+end"] != nil }

    /// Whether it is all that receivers of 2011 say when we have lost the line: they take our ring for it, and without one
    /// they say nothing but their tap, twice a minute. They are rung up, or they would never hear anything again (part A,
    /// decision 17).
    var isBareTap: Bool { tap != nil && ring == nil && line == nil && hop == 0 && signals.isEmpty }
}

extension Signals {
    /// Who is near an end?
    static func question(for end: NodeID) -> Signals { Signals(["+end": end.hex]) }
}
