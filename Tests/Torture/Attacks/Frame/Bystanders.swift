import Messages
import TestSupport

/// People who use the nodes while they are attacked: known authors on each node's command line, settled ones that each hears
/// from the mesh, readers of each page, and newcomers to the mesh.
struct Bystanders: Sendable {
    /// Of everybody together.
    private static let (messages, pages, joins) = (Duration.milliseconds(500), 250, Duration.seconds(1))

    /// Settled is who holds less than a hundredth of a store: many who write little, beside what one wrote.
    private static let (settlers, archive, archiveBytes) = (60, 300, 900)

    private let nodes: [AttackedNode]
    /// Where nothing that is written meanwhile has to go because of `--keep`.
    private let lasting: [Int]
    /// Whose seed newcomers know.
    private let seed: AttackedNode
    private let known: [Identity]
    private let settled: [(authors: [Identity], neighbour: Neighbour)]

    /// Makes them known, and settled.
    init(on field: Field, for length: Duration) async throws {
        nodes = field.nodes
        lasting = field.nodes.indices.filter { field.nodes[$0].hasRoom || length <= .seconds(120) }
        seed = field.nodes[0]
        known = nodes.map { _ in .generate(.ed25519) }
        var settled: [([Identity], Neighbour)] = []
        let yesterday = Timestamp.now - 25 * 3_600_000
        for (number, node) in nodes.enumerated() {
            for (author, identity) in known.enumerated() where author != number {
                try await node.node.run([["pin", identity.publicKey.text, "known-\(author + 1)"]])
            }
            let authors = (0..<Self.settlers).map { _ in Identity.generate(.ed25519) }
            let (old, text) = (Identity.generate(.ed25519), String(repeating: "a", count: Self.archiveBytes - 100))
            let before =
                try authors.map { try $0.sign("here since yesterday", channel: .tweets, at: yesterday) }
                + (0..<Self.archive).map { try old.sign("\(text) \($0)", channel: .tweets, at: yesterday) }
            try await node.keep(before)
            settled.append((authors, try Neighbour(of: node, number: number)))
        }
        self.settled = settled
    }

    func live(until end: ContinuousClock.Instant) async -> Toll {
        await withTaskGroup(of: Toll.self) { group in
            group.addTask { await writeKnown(until: end) }
            group.addTask { await writeSettled(until: end) }
            for (number, node) in nodes.enumerated() {
                group.addTask { await read(node, as: "198.51.100.\(number + 1)", until: end) }
            }
            group.addTask { await join(until: end) }
            return await group.reduce(into: Toll()) { $0.add($1) }
        }
    }

    /// Each message is wanted at every node, in time and at the end.
    private func writeKnown(until end: ContinuousClock.Instant) async -> Toll {
        await write("known", until: end) { turn, toll in
            let author = turn % nodes.count
            guard let message = Self.message("known author \(author + 1), \(turn)", by: known[author]) else {
                return nil
            }
            if let trouble = await nodes[author].publish(message) { toll.known.reasons[trouble, default: 0] += 1 }
            return (message.id, nodes)
        }
    }

    private func writeSettled(until end: ContinuousClock.Instant) async -> Toll {
        await write("settled", until: end) { turn, _ in
            let place = lasting[turn % lasting.count]
            let (authors, neighbour) = settled[place]
            let author = authors[turn / lasting.count % authors.count]
            guard let message = Self.message("settled author, \(turn)", by: author) else { return nil }
            await neighbour.send(message)
            return (message.id, [nodes[place]])
        }
    }

    private static func message(_ text: String, by identity: Identity) -> SignedMessage? {
        try? identity.sign(text, channel: .tweets, at: Timestamp.now)
    }

    private func write(
        _ kind: String, until end: ContinuousClock.Instant,
        _ send: @escaping @Sendable (Int, inout Toll) async -> (MessageID, [AttackedNode])?
    ) async -> Toll {
        var toll = await every(Self.messages, until: end) { turn in
            var toll = Toll()
            guard let (id, wanted) = await send(turn, &toll) else { return toll }
            for (node, missing) in await wanted.missing(of: [id]) {
                toll.note(kind, missing.isEmpty ? nil : "not at \(node.name)")
                if missing.isEmpty { toll.stored[node.name, default: []].append(id) }
            }
            return toll
        }
        // What was stored must not be pushed out again.
        for node in lasting.map({ nodes[$0] }) {
            toll.lost += await node.missing(of: toll.stored[node.name] ?? [], within: Verdict.patience).count
        }
        return toll
    }

    private func read(_ node: AttackedNode, as visitor: String, until end: ContinuousClock.Instant) async -> Toll {
        await every(.milliseconds(Self.pages), until: end) { _ in
            var toll = Toll()
            let begun = ContinuousClock.now
            toll.pages.note(status: try? await node.get("/tweets", as: visitor).status) { $0 == 200 }
            toll.milliseconds.append(begun.duration(to: .now).milliseconds)
            return toll
        }
    }

    /// Each from an address of its own.
    private func join(until end: ContinuousClock.Instant) async -> Toll {
        await every(Self.joins, until: end) { turn in
            var toll = Toll()
            let host = UInt32(127) << 24 | UInt32(1 + turn / 60_000) << 16 | UInt32(turn % 60_000 + 2)
            let begun = ContinuousClock.now
            guard let probe = try? Probe(seeds: [seed.address()], host: host) else { return toll }
            defer { probe.stop() }
            while probe.switches == 0, begun.duration(to: .now) < Verdict.joining {
                guard await letPass(.milliseconds(20)) else { break }
            }
            toll.joins.note(probe.switches > 0 ? nil : "no line")
            return toll
        }
    }

    /// Does something at a steady pace, whatever becomes of it.
    private func every(
        _ pause: Duration, until end: ContinuousClock.Instant, _ act: @escaping @Sendable (Int) async -> Toll
    ) async -> Toll {
        await withTaskGroup(of: Toll.self) { group in
            var due = ContinuousClock.now
            var turn = 0
            while due < end, await letPass(max(.zero, ContinuousClock.now.duration(to: due))) {
                let number = turn
                group.addTask { await act(number) }
                turn += 1
                due += pause
            }
            return await group.reduce(into: Toll()) { $0.add($1) }
        }
    }
}

/// What the bystanders noticed.
struct Toll: Sendable {
    var known = Portion()
    var settled = Portion()
    var pages = Portion()
    var joins = Portion()
    /// Of pages.
    var milliseconds: [Double] = []
    /// By the node's name.
    var stored: [String: [MessageID]] = [:]
    /// Messages that were stored, and were not there at the end.
    var lost = 0

    mutating func note(_ kind: String, _ reason: String?) {
        if kind == "known" { known.note(reason) } else { settled.note(reason) }
    }

    mutating func add(_ other: Toll) {
        known.add(other.known)
        settled.add(other.settled)
        pages.add(other.pages)
        joins.add(other.joins)
        milliseconds += other.milliseconds
        stored.merge(other.stored) { $0 + $1 }
        lost += other.lost
    }

    func checks(pageLimit: Double) -> [Check] {
        let times = Times(milliseconds)
        var checks: [Check] = []
        for (what, share) in [
            ("messages of known authors stored", known), ("messages of settled authors stored", settled),
            ("pages", pages), ("joins", joins),
        ] {
            checks.append(Check(what, share))
            checks += share.reasons.sorted { $0.key < $1.key }.map { Check("  \($0.key)", "\($0.value)") }
        }
        checks.append(Check("of those not there at the end", lost, atMost: 0))
        checks.append(
            Check("p99 of pages", "\(Int(times.p99)) ms", goal: "≤ \(Int(pageLimit)) ms", holds: times.p99 <= pageLimit)
        )
        checks.append(Check("  pages", times.summary))
        return checks
    }
}

extension Portion {
    mutating func add(_ other: Portion) {
        good += other.good
        all += other.all
        reasons.merge(other.reasons) { $0 + $1 }
    }
}
