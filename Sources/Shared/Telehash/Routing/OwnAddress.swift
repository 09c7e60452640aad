import TelehashWire

/// Our own address as others see it (part A, rule 11). Never taken from strangers: a switch of 2011 believes the
/// first datagram of anybody.
struct OwnAddress: Sendable {
    private enum Source: Equatable, Sendable {
        case configuration
        case majority
        case seed(Endpoint)
        /// A telex of ours came back from it.
        case mirror
    }

    /// What one proven switch says.
    typealias Vote = (voter: Endpoint, says: Endpoint)

    private(set) var endpoint: Endpoint?
    private(set) var id: NodeID?
    private var source: Source?

    /// `advertised` overrides everything; `bound` is believed when the socket is bound to a literal address.
    init(advertised: Endpoint?, bound: Endpoint?) {
        guard let configured = advertised ?? bound else { return }
        set(configured, .configuration)
    }

    /// Whether others can still teach us.
    var isOpen: Bool { source != .configuration }

    /// Whether it is that of a seed from which a telex of ours came back.
    var isMirrored: Bool { source == .mirror }

    /// Whether the switches that we know agreed on it: then another one that says the same changes nothing.
    var isAgreed: Bool { source == .majority }

    /// A seed that we asked says so. Returns whether the address changed.
    mutating func seed(_ seed: Endpoint, says address: Endpoint) -> Bool {
        guard source == nil || source == .seed(seed) || source == .mirror, isCredible(address, from: seed),
            address != endpoint
        else { return false }
        set(address, .seed(seed))
        return true
    }

    /// What others said may be true no longer: the next seed that was asked is believed again. Until then the address stays.
    mutating func reopen() {
        if isOpen { source = nil }
    }

    /// A telex that we sent to a seed came back from it: the seed is ourselves, or says so. Any other word is better.
    mutating func isSeed(_ seed: Endpoint) -> Bool {
        guard source == nil, seed != endpoint else { return false }
        set(seed, .mirror)
        return true
    }

    /// Counts what the proven switches say, one vote for each /16. Returns whether the address changed.
    mutating func count(_ votes: [Vote], limits: Limits) -> Bool {
        guard isOpen else { return false }
        var heard: Set<AddressGroup> = []
        var tally: [(address: Endpoint, votes: Int)] = []
        for vote in votes where isCredible(vote.says, from: vote.voter) {
            guard heard.insert(vote.voter.wideGroup).inserted else { continue }
            if let index = tally.firstIndex(where: { $0.address == vote.says }) {
                tally[index].votes += 1
            } else {
                tally.append((vote.says, 1))
            }
        }
        guard heard.count >= limits.routing.addressVoters, let winner = tally.max(by: { $0.votes < $1.votes }),
            winner.votes * 2 > heard.count
        else { return false }
        let changed = winner.address != endpoint
        set(winner.address, .majority)
        return changed
    }

    private func isCredible(_ address: Endpoint, from teller: Endpoint) -> Bool {
        !address.isMartian && address != teller && (address.isPublic || !teller.isPublic)
    }

    private mutating func set(_ address: Endpoint, _ newSource: Source) {
        if address != endpoint { id = address.nodeID }
        endpoint = address
        source = newSource
    }
}
