import TelehashWire

/// The lines of a scripted peer: one for each of its addresses with each remote one, kept as a faultless switch keeps
/// them, so that nobody can tell the peer by its headers.
struct ScriptedLines: Sendable {
    private struct Pair: Hashable, Sendable {
        let own: Endpoint
        let remote: Endpoint
    }

    struct Line: Sendable {
        let ringOut: Int
        var ringIn: Int?
        /// Bytes of the telexes that came.
        var received = 0

        var product: Int? { ringIn.map { $0 * ringOut } }
    }

    private var lines: [Pair: Line] = [:]

    subscript(own: Endpoint, remote: Endpoint) -> Line? {
        lines[Pair(own: own, remote: remote)]
    }

    /// Takes note of a telex, and of what it says about the rings. Returns whether both rings are known.
    mutating func didReceive(
        _ telex: Telex, size: Int, at own: Endpoint, from remote: Endpoint,
        using random: inout SeededGenerator
    ) -> Bool {
        let pair = Pair(own: own, remote: remote)
        var line = lines[pair] ?? ScriptedLines.fresh(using: &random)
        if let ring = telex.ring, ring != line.ringIn {
            line = ScriptedLines.fresh(using: &random)
            line.ringIn = ring
        } else if let product = telex.line, line.ringIn == nil, product % line.ringOut == 0,
            (1...WireLimits.largestRing).contains(product / line.ringOut)
        {
            line.ringIn = product / line.ringOut
        }
        line.received += size
        lines[pair] = line
        return line.ringIn != nil
    }

    /// The header of a telex: `_line` once the peer's ring is known, else `_ring`.
    mutating func begin(
        from own: Endpoint, to remote: Endpoint, using random: inout SeededGenerator
    ) -> TelexWriter {
        let pair = Pair(own: own, remote: remote)
        let line = lines[pair] ?? ScriptedLines.fresh(using: &random)
        lines[pair] = line
        var writer = TelexWriter(capacity: 512)
        writer.to(remote)
        if let product = line.product { writer.line(product) } else { writer.ring(line.ringOut) }
        writer.br(line.received)
        return writer
    }

    private static func fresh(using random: inout SeededGenerator) -> Line {
        Line(ringOut: Int.random(in: 1...WireLimits.largestRing, using: &random))
    }
}
