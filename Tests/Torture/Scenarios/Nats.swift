import ArgumentParser
import Foundation
import TestSupport

/// Nodes behind NATs, with real packets through the kernel's own NAT.
struct Nats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nat",
        abstract: "Nodes behind NATs of each kind join, pierce them where that is possible, and hear everybody.",
        discussion: "Makes network namespaces, which needs root.")

    @Option(help: "Public nodes.")
    var publicNodes = 5

    @Option(help: "Nodes behind a NAT of each kind.")
    var each = 2

    @Option(help: "Messages of each node, before and after the silence.")
    var messages = 5

    @Option(help: "Seconds after which a NAT forgets a silent peer: real ones take 30 and more.")
    var mapping = 30

    @Option(help: "Seed of what is random in the network.")
    var seed: UInt64 = 1

    /// From the start of the last node until all lines that can be are there. A dial that a closed NAT swallowed is
    /// repeated by the next lookup, and those come 1, 2, 4, 8 … s after the first.
    private static let piercing = Duration.seconds(40)
    /// How long a message may take to the last store.
    private static let delivery = Duration.seconds(3)

    func run() async throws {
        if let obstacle = NetworkTool.obstacle { return print("nat: skipped, because \(obstacle)") }
        var findings = Findings("nat")
        let internet = Internet(seed: seed)
        defer { internet.close() }
        let start = ContinuousClock.now
        let members = try await join(internet)
        let nodes = members.map(\.node)
        try await checkAddresses(members, into: &findings)
        try await checkPiercing(members, on: internet, into: &findings)
        findings.mention("nodes started, NATs pierced after", "\(start.duration(to: .now).seconds.rounded()) s")
        try await exchange("at first", nodes, into: &findings)

        // Long enough for every NAT to forget whoever was not talked to.
        try await letTimePass(.seconds(mapping + 5))
        try await exchange("after \(mapping + 5) s of silence", nodes, into: &findings)
        try await checkAddresses(members, into: &findings)
        try await nodes.stop()
        try findings.conclude()
    }

    /// A node and the NAT before it; nil: none.
    private struct Member: Sendable {
        let node: MeshNode
        let nat: NAT?
    }

    private func join(_ internet: Internet) async throws -> [Member] {
        var members: [Member] = []
        for number in 0..<publicNodes {
            // A /16 for each: three different ones must agree on somebody's address.
            let host = try internet.host("5.\(10 + number).7.1")
            let seeds = members.first.map { [$0.node] } ?? []
            members.append(Member(node: try .start("public \(number + 1)", on: host, seeds: seeds), nat: nil))
        }
        try await members.map(\.node).awaitReady()
        let seeds = members.prefix(3).map(\.node)
        for (kind, nat) in NAT.allCases.enumerated() {
            for number in 0..<each {
                let host = try internet.host(
                    behind: nat, "9.\(kind * 10 + number).7.1", mappingSeconds: mapping)
                let node = try MeshNode.start("\(nat.rawValue) \(number + 1)", on: host, seeds: seeds)
                members.append(Member(node: node, nat: nat))
            }
        }
        try await members.map(\.node).awaitReady()
        return members
    }

    /// Everybody must know the address that the others see; behind a symmetric NAT there is no such port.
    private func checkAddresses(_ members: [Member], into findings: inout Findings) async throws {
        var wrong: [String] = []
        for member in members {
            let expected = member.nat == .symmetric ? member.node.address.hostText + ":" : "\(member.node.address)"
            let deadline = ContinuousClock.now + .seconds(10)
            var told = ""
            repeat {
                told = try await member.node.status().router.address
                if told.hasPrefix(expected) { break }
                try await letTimePass(.milliseconds(200))
            } while ContinuousClock.now < deadline
            if !told.hasPrefix(expected) { wrong.append("\(member.node.name) says \(told), not \(expected)") }
        }
        findings.record(
            "nodes that know their address", "\(members.count - wrong.count) of \(members.count)", goal: "all",
            holds: wrong.isEmpty)
        for text in wrong { findings.mention("", text) }
    }

    /// Which pairs have a line, by what went through the wires: a telex with `_line` in both directions says that each
    /// has the other's ring.
    private func checkPiercing(_ members: [Member], on internet: Internet, into findings: inout Findings) async throws {
        var pairs: [(first: Member, second: Member)] = []
        for (index, first) in members.enumerated() {
            for second in members[(index + 1)...] { pairs.append((first, second)) }
        }
        let possible = pairs.filter { Self.canTalk($0.first.nat, $0.second.nat) }
        let deadline = ContinuousClock.now + Self.piercing
        var missing = possible
        while !missing.isEmpty, ContinuousClock.now < deadline {
            try await letTimePass(.milliseconds(200))
            missing = missing.filter { !Self.talk($0.first, $0.second, on: internet) }
        }
        for (name, isOf) in Self.kinds {
            let all = possible.filter { isOf($0.first.nat, $0.second.nat) }
            let open = missing.filter { isOf($0.first.nat, $0.second.nat) }
            findings.record(
                "lines \(name)", "\(all.count - open.count) of \(all.count)", goal: "all", holds: open.isEmpty)
            for pair in open { findings.mention("no line", "\(pair.first.node.name) – \(pair.second.node.name)") }
        }
        // Otherwise the NATs of this test don't do what they should, and the lines above prove nothing.
        let strange = pairs.filter { pair in
            pair.first.nat == .symmetric && pair.second.nat == .symmetric
                && Self.talk(pair.first, pair.second, on: internet)
        }
        findings.record(
            "lines symmetric – symmetric", "\(strange.count)", goal: "0, it can't be", holds: strange.isEmpty)
    }

    private static let kinds: [(String, @Sendable (NAT?, NAT?) -> Bool)] = [
        ("public – public", { $0 == nil && $1 == nil }),
        ("public – full cone", { $0 == nil && $1 == .fullCone }),
        ("public – port-restricted", { $0 == nil && $1 == .portRestricted }),
        ("public – symmetric", { $0 == nil && $1 == .symmetric }),
        ("cone – cone of another NAT", { $0?.isCone == true && $1?.isCone == true }),
        ("full cone – symmetric", { $0 == .fullCone && $1 == .symmetric }),
    ]

    private static func canTalk(_ first: NAT?, _ second: NAT?) -> Bool {
        first.map(\.isCone) ?? true && second.map(\.isCone) ?? true || (first == nil || second == nil)
            || [first, second].contains(.fullCone)
    }

    private static func talk(_ first: Member, _ second: Member, on internet: Internet) -> Bool {
        // The port of a symmetric NAT is another one for each peer.
        internet.hasLine(
            between: first.node.address, anyPortOfFirst: first.nat == .symmetric, and: second.node.address,
            anyPortOfSecond: second.nat == .symmetric)
    }

    private func exchange(_ when: String, _ nodes: [MeshNode], into findings: inout Findings) async throws {
        let written = try await Publications.write(messages, onEachOf: nodes, perSecond: 5, when)
        let spread = try await written.spread(over: nodes, within: Self.delivery)
        findings.record(
            "delivered \(when)", spread.summary, goal: "all within \(Self.delivery)",
            holds: spread.ratio == 1 && written.failed == 0)
        if written.failed > 0 { findings.mention("without a receipt", "\(written.failed)") }
        for (name, count) in spread.missing { findings.mention("missing", "\(count) at \(name)") }
    }
}
