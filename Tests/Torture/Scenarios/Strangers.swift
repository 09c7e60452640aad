import ArgumentParser
import Bus
import BusClient
import Foundation
import Messages
import TestSupport

/// Somebody writes to a node with a new key for each message.
struct Strangers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Messages, each of a new author, pour from one node into another, where one who is known writes as well.")

    @Option(help: "Messages of new authors a second.")
    var rate = 1_000

    @Option(help: "Seconds of it.")
    var seconds = 60

    /// What the other node takes of new strangers through one peer: messages a second, and how many at once.
    private static let (taken, burst) = (100, 500)
    private static let (stored, slowest) = (0.99, 50.0)
    private static let patience = Duration.seconds(10)

    func run() async throws {
        var findings = Findings("strangers")
        let source = try await TestNode.start()
        let target = try await TestNode.start(seeds: [source])
        try await eventually("the two have a line", within: .seconds(10)) {
            try await target.status()["lines"]["proven"].int ?? 0 > 0
        }
        let outside = try BusClient(bus: source.bus, name: "outside")
        let inside = try BusClient(bus: target.bus, name: "inside")
        let friend = Identity.generate(.ed25519)
        _ = try await inside.publish(
            friend.sign("this is my node", channel: .tweets, at: Timestamp.now), acks: 1, from: .commandLine)
        let before = try await messages(of: inside)
        let start = ContinuousClock.now
        async let sent = flood(outside)
        async let pages = read(target)
        let letters = try await write(friend, outside)
        let (flooded, times) = (try await sent, try await pages)
        let missing = try await missing(letters, at: inside)
        let strangers = try await messages(of: inside) - before - UInt64(letters.count - missing)
        findings.mention("messages of new authors", "\(flooded)")
        let allowed = Int(start.duration(to: .now).seconds) * Self.taken + Self.burst
        findings.record(
            "of which the other node has", "\(strangers)", goal: "≤ \(allowed)", holds: strangers <= allowed)
        let share = letters.isEmpty ? 0 : 1 - Double(missing) / Double(letters.count)
        findings.record(
            "of the known author's it has", "\(percent(share)) of \(letters.count)", goal: "≥ \(percent(Self.stored))",
            holds: share >= Self.stored)
        findings.record(
            "its page", times.summary, goal: "p99 ≤ \(Int(Self.slowest)) ms", holds: times.p99 <= Self.slowest)
        for (name, count) in try await inside.status().counters.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("bus_refused") || name.hasPrefix("bus_from") || name == "bus_stored" {
            findings.mention("  \(name)", "\(count)")
        }
        await outside.close()
        await inside.close()
        try findings.conclude()
    }

    /// - Returns: how many were taken by the node where they are written.
    private func flood(_ client: BusClient) async throws -> Int {
        let end = ContinuousClock.now + .seconds(seconds)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            var due = ContinuousClock.now
            while ContinuousClock.now < end {
                let wait = ContinuousClock.now.duration(to: due)
                if wait > .zero { _ = await letPass(wait) }
                let message = try Identity.generate(.ed25519).sign("new here", channel: .tweets, at: Timestamp.now)
                group.addTask { (try? await client.publish(message, timeout: Self.patience)) == nil ? 0 : 1 }
                due += .seconds(1) / rate
            }
            return try await group.reduce(0, +)
        }
    }

    /// Two messages a second, by the same way as the flood.
    private func write(_ author: Identity, _ client: BusClient) async throws -> [MessageID] {
        var ids: [MessageID] = []
        for number in 0..<2 * seconds {
            let message = try author.sign("known \(number)", channel: .tweets, at: Timestamp.now)
            if (try? await client.publish(message, timeout: Self.patience)) != nil { ids.append(message.id) }
            _ = await letPass(.milliseconds(500))
        }
        return ids
    }

    private func read(_ node: TestNode) async throws -> Times {
        var times: [Double] = []
        for _ in 0..<4 * seconds {
            let start = ContinuousClock.now
            _ = try await node.page()
            times.append(start.duration(to: .now).milliseconds)
            _ = await letPass(.milliseconds(250))
        }
        return Times(times)
    }

    private func missing(_ ids: [MessageID], at client: BusClient) async throws -> Int {
        _ = await letPass(.seconds(2))
        var missing = 0
        for id in ids {
            guard case .rows(let rows, _) = try await client.query(.message(id)).body, !rows.isEmpty else {
                missing += 1
                continue
            }
        }
        return missing
    }

    private func messages(of client: BusClient) async throws -> UInt64 {
        guard case .summary(let summary) = try await client.query(.summary).body else { throw NotInTime("a summary") }
        return summary.messages
    }
}
