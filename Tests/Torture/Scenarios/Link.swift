import ArgumentParser
import Bus
import Foundation
import TestSupport

/// A node whose network comes and goes.
struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "A node without a route, link, permission or address gets on without a restart as soon as it has them.",
        discussion: "Makes network namespaces, which needs root.")

    @Option(help: "Times that the link goes down and up.")
    var cycles = 10

    @Option(help: "Seconds that each trouble lasts. From 20 on the node must have noticed.")
    var seconds = 20.0

    /// A look at the interfaces and three rounds of questions.
    private static let noticing = 20.0

    private static let name = "seed.wall.test"

    func run() async throws {
        if let obstacle = NetworkTool.obstacle { return print("link: skipped, because \(obstacle)") }
        var findings = Findings("link")
        let lan = try LAN()
        let seed = try LinkNode(in: lan.spaces[0], seeds: [])
        try await seed.awaitReady()
        try lan.setLink(of: 1, up: false)
        let node = try LinkNode(in: lan.spaces[1], seeds: [Self.name + ":42424"])
        try await node.awaitReady()
        let health = Task { await node.watchHealth() }
        let stage = LinkStage(seed: seed, node: node, seconds: seconds, mustNotice: seconds >= Self.noticing)

        try await stage.trouble("no route and no name at the start", into: &findings) {
        } end: {
            try lan.setLink(of: 1, up: true)
            // Nobody is at the first one.
            try lan.teach(1, Self.name, addresses: [lan.nobody, lan.address(0)])
        }
        for cycle in 1...max(1, cycles) {
            try await stage.trouble("link down and up, \(cycle)", into: &findings) {
                try lan.setLink(of: 1, up: false)
            } end: {
                try lan.setLink(of: 1, up: true)
            }
        }
        try await stage.trouble("a cable that is pulled", into: &findings) {
            try lan.setPort(of: 1, up: false)
        } end: {
            try lan.setPort(of: 1, up: true)
        }
        try await stage.trouble("a firewall that refuses", into: &findings) {
            for chain in ["INPUT", "OUTPUT"] {
                try lan.spaces[1].run("iptables", "-w", "5", "-A", chain, "-p", "udp", "-j", "REJECT")
            }
        } end: {
            try lan.spaces[1].run("iptables", "-w", "5", "-F")
        }
        try await stage.trouble("an address that changes", into: &findings) {
        } end: {
            try lan.move(1, to: lan.other)
        }
        try await checkAddress(of: node, lan.other, into: &findings)
        if NetworkTool.path("ss") != nil {
            try await stage.trouble("a socket that the system destroys", into: &findings) {
            } end: {
                try lan.spaces[1].run("ss", "-K", "-u", "-a", "sport", "=", "42424")
            }
        }
        health.cancel()
        let complaints = await health.value
        findings.record(
            "complaints of /livez", "\(complaints.count)", goal: "none", holds: complaints.isEmpty)
        for complaint in complaints.prefix(3) { findings.mention("", complaint) }
        for one in [seed, node] { try await one.stop() }
        try findings.conclude()
    }

    private func checkAddress(of node: LinkNode, _ address: String, into findings: inout Findings) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var told = ""
        repeat {
            told = try await node.status().router.address
            if told.hasPrefix(address) { break }
            try await letTimePass(.milliseconds(200))
        } while ContinuousClock.now < deadline
        findings.record("address that the node says", told, goal: address, holds: told.hasPrefix(address))
    }
}

/// The two nodes, and what is done to one of them.
private struct LinkStage {
    let seed: LinkNode
    let node: LinkNode
    let seconds: Double
    /// Whether a trouble lasts long enough to be seen in status and log.
    let mustNotice: Bool

    /// From the end of a trouble to the first message that comes through.
    private static let patience = Duration.seconds(15)

    func trouble(
        _ name: String, into findings: inout Findings, begin: () throws -> Void, end: () throws -> Void
    ) async throws {
        try begin()
        let isCut = !(try await comesThrough(within: .seconds(1)))
        if isCut {
            try await letTimePass(.seconds(seconds - 1))
            if mustNotice {
                let switches = try await node.status().mesh?.switches
                findings.record("\(name): status", "\(switches ?? -1) switches", goal: "0", holds: switches == 0)
            }
        }
        try end()
        let start = ContinuousClock.now
        let isBack = try await comesThrough(within: Self.patience)
        let took = start.duration(to: .now)
        findings.record(
            "\(name): joined again", isBack ? "\((took.seconds * 10).rounded() / 10) s" : "not",
            goal: "within \(Self.patience)", holds: isBack && node.isRunning)
        var status = try await node.status()
        while !Self.isJoined(status), start.duration(to: .now) < Self.patience {
            try await letTimePass(.milliseconds(200))
            status = try await node.status()
        }
        let said = start.duration(to: .now)
        findings.record(
            "\(name): status then",
            "\(status.mesh?.switches ?? -1) switches after \((said.seconds * 10).rounded() / 10) s", goal: "1, bound",
            holds: Self.isJoined(status))
    }

    private static func isJoined(_ status: StatusReport) -> Bool {
        status.mesh?.switches == 1 && status.udp?.isBound == true
    }

    /// Whether a message goes from the seed to the node.
    private func comesThrough(within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        repeat {
            let text = "message \(UInt64.random(in: 0...UInt64.max))"
            await seed.publish(text)
            if await node.heard.first(within: .milliseconds(400), where: { $0 == text }) != nil { return true }
        } while ContinuousClock.now < deadline
        return false
    }
}
