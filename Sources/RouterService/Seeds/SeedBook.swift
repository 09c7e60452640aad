import ServiceRuntime
import Telehash
import TelehashWire

/// What the seeds stand for now.
struct SeedAddresses: Equatable, Sendable {
    var endpoints: [Endpoint] = []
    /// Whether a name is being looked up for the first time.
    var awaitsMore = false
}

/// The seeds of a node: which addresses their names stand for, and when each name is to be looked up again.
///
/// A name that stands for nothing now may do so later, and one that stood for something may stand for something else: as
/// long as no other node answers, names are looked up as often as seeds are dialled.
struct SeedBook: Sendable {
    /// What a look-up brought.
    enum Answer: Equatable, Sendable {
        /// All addresses, of both families.
        case addresses([Endpoint.Address])
        case unknown(why: String)
    }

    /// What an operator must know.
    enum Note: Equatable, Sendable {
        /// The name stands for nothing that we could use, and why.
        case unknown(SeedAddress, why: String)
        /// A name that was unknown stands for these.
        case known(SeedAddress, [Endpoint])
    }

    private struct Name: Sendable {
        let seed: SeedAddress
        var endpoints: [Endpoint] = []
        var hasAnswer = false
        var isUnknown = false
        /// When the look-ups began that are under way.
        var underWay: [Instant] = []
        var nextAt: Instant
        var pause = RouterLimits.firstLookUp
    }

    private let literals: [Endpoint]
    private let ipv6: Bool
    private var names: [Name]
    private var wasAlone = true

    /// - Parameter ipv6: the family of our socket; an address of the other one can't be reached through it.
    /// - Throws: ``FailureReport`` for an address that is wrong.
    init(_ seeds: [SeedAddress], ipv6: Bool, now: Instant) throws(FailureReport) {
        self.ipv6 = ipv6
        var literals: [Endpoint] = []
        var names: [Name] = []
        for seed in seeds {
            guard let literal = Endpoint(seed.description) else {
                if !names.contains(where: { $0.seed == seed }) { names.append(Name(seed: seed, nextAt: now)) }
                continue
            }
            guard literal.isIPv6 == ipv6 else {
                throw FailureReport(
                    "--seed \(seed): this router's UDP socket speaks \(ipv6 ? "IPv6" : "IPv4") only; see --udp")
            }
            literals.append(literal)
        }
        (self.literals, self.names) = (literals, names)
    }

    /// What they stand for now.
    var addresses: SeedAddresses {
        SeedAddresses(
            endpoints: literals + names.flatMap(\.endpoints),
            awaitsMore: names.contains { !$0.hasAnswer })
    }

    /// The names to look up now; they count as being looked up.
    ///
    /// - Parameter isAlone: whether no other node answers.
    mutating func due(isAlone: Bool, now: Instant) -> [SeedAddress] {
        if isAlone, !wasAlone { hurry(now: now) }
        wasAlone = isAlone
        return names.indices.compactMap { index in
            guard names[index].nextAt <= now, names[index].underWay.count < RouterLimits.lookUpsAtOnce,
                names[index].underWay.allSatisfy({ $0.duration(to: now) >= RouterLimits.lookUpPatience })
            else { return nil }
            names[index].underWay.append(now)
            return names[index].seed
        }
    }

    /// The network is another one, or nobody answers any more: all names are looked up at once.
    mutating func hurry(now: Instant) {
        for index in names.indices {
            names[index].nextAt = now
            names[index].pause = RouterLimits.firstLookUp
        }
    }

    /// A look-up is over.
    ///
    /// - Parameter began: when it was said to be due.
    mutating func didLookUp(_ seed: SeedAddress, _ answer: Answer, began: Instant, now: Instant) -> Note? {
        guard let index = names.firstIndex(where: { $0.seed == seed }) else { return nil }
        if let call = names[index].underWay.firstIndex(of: began) { names[index].underWay.remove(at: call) }
        let why: String
        switch answer {
        case .unknown(let reason): why = reason
        case .addresses(let all):
            let own = all.compactMap { Endpoint(address: $0, port: seed.port) }.filter { $0.isIPv6 == ipv6 }
            guard own.isEmpty else { return didFind(Array(own.prefix(RouterLimits.addressesPerSeed)), index, now: now) }
            why =
                "it has IPv\(ipv6 ? 4 : 6) addresses only, and this router's UDP socket speaks IPv\(ipv6 ? 6 : 4); see --udp"
        }
        // What it stood for before is better than nothing.
        names[index].hasAnswer = true
        plan(index, now: now)
        guard names[index].endpoints.isEmpty, !names[index].isUnknown else { return nil }
        names[index].isUnknown = true
        return .unknown(seed, why: why)
    }

    private mutating func didFind(_ endpoints: [Endpoint], _ index: Int, now: Instant) -> Note? {
        let wasUnknown = names[index].isUnknown
        // Name servers put them in another order each time.
        if Set(names[index].endpoints) != Set(endpoints) { names[index].endpoints = endpoints }
        (names[index].hasAnswer, names[index].isUnknown) = (true, false)
        plan(index, now: now)
        return wasUnknown ? .known(names[index].seed, endpoints) : nil
    }

    private mutating func plan(_ index: Int, now: Instant) {
        guard wasAlone || names[index].endpoints.isEmpty else {
            return names[index].nextAt = now.advanced(by: RouterLimits.restingLookUp)
        }
        names[index].nextAt = now.advanced(by: names[index].pause)
        names[index].pause = min(names[index].pause * 2, RouterLimits.longestLookUp)
    }
}
