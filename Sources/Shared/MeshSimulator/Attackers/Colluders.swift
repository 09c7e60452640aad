import Telehash
import TelehashWire

/// Switches that work together against the mesh (T7, T8, T9).
///
/// They have crawled the mesh and know every address in it. Each keeps faultless lines with the honest switches nearest
/// to its place and with some at random, and answers every question at once, with those of the company that are nearest
/// to what was asked: never with an honest switch. They take taps, say that they hold them, take signals, report every
/// byte as accepted, and drop them all.
package struct Colluders: ScriptedPeer {
    /// How hard they try.
    package struct Plan: Sendable {
        /// Honest switches nearest to each colluder that it introduces itself to.
        package var neighbours = 16
        /// Further honest switches, drawn, that it introduces itself to.
        package var acquaintances = 16
        /// How often it renews every line.
        package var renewal: Duration = .seconds(20)
        /// The time over which the company joins.
        package var arrival: Duration = .seconds(10)

        package init() {}
    }

    private struct Member: Sendable {
        let endpoint: Endpoint
        let id: NodeID
        var remotes: [Endpoint] = []
        var dueAt: Instant
    }

    /// What the company got to see.
    package struct Counts: Hashable, Sendable {
        package var questions = 0
        package var taps = 0
        package var signalsDropped = 0
        /// Datagrams that were no telex.
        package var unreadable = 0
    }

    package private(set) var counts = Counts()
    package private(set) var nextWake = Instant.zero
    private let plan: Plan
    private let company: AddressRing
    private let victims: AddressRing
    private var members: [Member]
    /// The member that is due next.
    private var turn = 0
    private var positions: [Endpoint: Int] = [:]
    private var lines = ScriptedLines()
    private var random: SeededGenerator

    /// - Parameters:
    ///   - victims: the honest switches that they know.
    ///   - random: a generator of their own.
    package init(
        _ endpoints: [Endpoint], against victims: [Endpoint], plan: Plan = Plan(), now: Instant,
        random: SeededGenerator
    ) {
        self.plan = plan
        self.random = random
        company = AddressRing(endpoints)
        self.victims = AddressRing(victims)
        let step = plan.arrival / max(1, endpoints.count)
        members = company.members.enumerated().map { number, member in
            Member(endpoint: member.endpoint, id: member.id, dueAt: now + step * number)
        }
        for (position, member) in members.enumerated() { positions[member.endpoint] = position }
        nextWake = members.isEmpty ? .distantFuture : now
    }

    package mutating func wake(now: Instant, into sends: inout [ScriptedSend]) {
        guard !members.isEmpty else { return }
        // All renew in the same time, so they are due in turn.
        for _ in members.indices {
            guard members[turn].dueAt <= now else { break }
            if members[turn].remotes.isEmpty { chooseVictims(for: turn) }
            // Rings at those who have not answered yet, and shows the others that the line lives.
            for remote in members[turn].remotes { introduce(turn, to: remote, into: &sends) }
            members[turn].dueAt = now + plan.renewal
            turn = (turn + 1) % members.count
        }
        // Members that are due together share a wake.
        nextWake = max(members[turn].dueAt, now + .milliseconds(50))
    }

    package mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, at own: Endpoint, now: Instant, into sends: inout [ScriptedSend]
    ) {
        guard let position = positions[own], let telex = try? Telex.decode(datagram) else {
            counts.unreadable += 1
            return
        }
        let wasOpen = lines[own, sender]?.ringIn != nil
        let isOpen = lines.didReceive(telex, size: datagram.count, at: own, from: sender, using: &random)
        if isOpen, !wasOpen { members[position].remotes.append(sender) }
        if let rules = telex.tap {
            counts.taps += 1
            if isOpen { claimToServe(rules, from: own, to: sender, into: &sends) }
        }
        if let text = telex.signals["+end"], telex.hop == 0, let end = NodeID(hex: text) {
            counts.questions += 1
            answer(end, from: own, to: sender, into: &sends)
        } else if isOpen, !wasOpen {
            introduce(position, to: sender, into: &sends)
        }
        if telex.signals["+key"] != nil { counts.signalsDropped += 1 }
    }
}

extension Colluders {
    private mutating func answer(
        _ end: NodeID, from own: Endpoint, to asker: Endpoint, into sends: inout [ScriptedSend]
    ) {
        var writer = lines.begin(from: own, to: asker, using: &random)
        writer.see(company.closest(to: end, count: WireLimits.seenEndpoints).map(\.endpoint))
        sends.append(ScriptedSend(writer.finish(), from: own, to: asker))
    }

    /// Says of each tap that its host is one of the closest to the end.
    private mutating func claimToServe(
        _ rules: [TapRule], from own: Endpoint, to tapper: Endpoint, into sends: inout [ScriptedSend]
    ) {
        for rule in rules {
            guard let end = rule.is["+end"], !rule.has.contains("+pop") else { continue }
            var writer = lines.begin(from: own, to: tapper, using: &random)
            writer.field(Telex.Field(key: "tree", text: "\(end) 0"))
            sends.append(ScriptedSend(writer.finish(), from: own, to: tapper))
        }
    }

    private mutating func chooseVictims(for position: Int) {
        var chosen = victims.closest(to: members[position].id, count: plan.neighbours).map(\.endpoint)
        for _ in 0..<plan.acquaintances {
            guard let victim = victims.members.randomElement(using: &random)?.endpoint else { break }
            if !chosen.contains(victim) { chosen.append(victim) }
        }
        members[position].remotes = chosen
    }

    /// A question about its own place, as every switch asks it; on an open line it names itself, so that it counts as a
    /// switch without having been asked.
    private mutating func introduce(_ position: Int, to remote: Endpoint, into sends: inout [ScriptedSend]) {
        let member = members[position]
        var writer = lines.begin(from: member.endpoint, to: remote, using: &random)
        if lines[member.endpoint, remote]?.ringIn != nil { writer.see([member.endpoint]) }
        writer.signals(Signals(["+end": member.id.hex]))
        sends.append(ScriptedSend(writer.finish(), from: member.endpoint, to: remote))
    }
}
