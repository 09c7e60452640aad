import TelehashWire

@testable import Telehash

// What some tests look at inside a switch: all else is driven and seen from outside.
extension Switch {
    private func line(to peer: Endpoint) -> Line? { exchange.lines.slot(of: peer).map { exchange.lines[$0] } }

    // MARK: Lines

    func hasProvenLine(to peer: Endpoint) -> Bool { line(to: peer)?.isProven == true }

    /// Our ring on the line to a peer that we dialled.
    func ringDialled(to peer: Endpoint) -> Int? {
        line(to: peer).flatMap { $0.dialledAt == nil ? nil : $0.proof.ringOut }
    }

    /// The switches that we have proven lines with.
    var provenSwitches: [Endpoint] {
        exchange.lines.proven.filter(\.isSwitch).map { exchange.lines[$0.slot].endpoint }
    }

    /// Bytes that were sent to a peer over its line, and received from it.
    func bytes(on peer: Endpoint) -> (sent: Int, received: Int)? {
        line(to: peer).map { ($0.window.sent, $0.window.received) }
    }

    /// Bytes that wait for the windows of all lines.
    var bytesQueued: Int { exchange.lines.queuedBytes }

    /// Whether a question to a peer is out that may still be answered.
    func hasQuestionOut(to peer: Endpoint) -> Bool { line(to: peer)?.deliveries.questions.isEmpty == false }

    // MARK: Our taps

    /// The ends for which a peer has our tap.
    func tappedEnds(at peer: Endpoint) -> [NodeID] { line(to: peer)?.tapHeld.ends ?? [] }

    /// When the next own end is looked up.
    var nextEndLookup: Instant { exchange.ownTaps.deadline }

    /// The hosts of an end that don't count as such.
    func silentHosts(of end: NodeID) -> [Endpoint] { exchange.silentHosts.hosts(of: end) }

    /// The switches at which an end would be tapped now.
    func hosts(of end: NodeID) -> [Endpoint] {
        exchange.routing.closestSlots(to: end, besides: silentHosts(of: end)).map { exchange.lines[$0].endpoint }
    }

    /// Whether an end was looked up a short while ago, or is being looked up.
    func isLookedUp(_ end: NodeID, within span: Duration, now: Instant) -> Bool {
        exchange.routing.lookups.isFresh(end, within: span, now: now)
    }

    /// Whom a running lookup of an end may ask, nearest first.
    func lookupCandidates(of end: NodeID) -> [Endpoint] {
        exchange.routing.lookups.running.first { $0.target == end }?.candidates.map(\.endpoint) ?? []
    }

    // MARK: Trees

    func hasTree(of end: NodeID) -> Bool { exchange.trees[end] != nil }

    /// Who brings us the signals of an end that has a tree.
    func serving(_ end: NodeID) -> Set<Endpoint> { Set(exchange.trees[end]?.serving.map(\.endpoint) ?? []) }

    /// Those of them that said that they serve us, or showed it, and are not blamed for silence.
    func reliable(_ end: NodeID) -> Set<Endpoint> { Set(exchange.trees[end]?.reliable.map(\.endpoint) ?? []) }

    /// The closest switches of an end, as far as none said that it stands lower.
    func certainRoots(of end: NodeID) -> [Endpoint] { exchange.trees.certainRoots(of: end) }
}
