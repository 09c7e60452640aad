import ArgumentParser
import Foundation
import Messages
import Telehash
import TelehashWire
import TestSupport

/// Three nodes while strangers on sockets of their own do their worst: wrongly signed messages at one, questions at another.
struct Forgeries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forged messages at one node and questions at its seed, while people write and others join.")

    @Option(help: "Seconds of attack.")
    var seconds = 60.0

    @Option(help: "Forged messages a second.")
    var forgeries = 3_000.0

    @Option(help: "Questions a second.")
    var questions = 300.0

    private static let (messages, newcomers) = (43, 20)

    func run() async throws {
        var findings = Findings("forgeries")
        let seed = try await TestNode.start()
        let victim = try await TestNode.start(seeds: [seed])
        let third = try await TestNode.start(seeds: [seed])
        for node in [seed, victim, third] {
            try await eventually("everybody has lines", within: .seconds(30)) {
                try await node.status()["lines"]["proven"].int ?? 0 >= 2
            }
        }
        let forger = Task.detached { [forgeries, port = victim.udpPort] in
            var signals = try Identity.generate(.ed25519).sign("x", channel: .tweets, at: Timestamp.now).signals
            return try await Self.flood(port, perSecond: forgeries) { number in
                signals["+message"] = "forged \(number)"
                return signals
            }
        }
        let asker = Task.detached { [questions, port = seed.udpPort] in
            try await Self.flood(port, perSecond: questions) { number in
                Signals(["+end": NodeID(sha1Of: "\(number)").hex])
            }
        }
        async let joined = join(seed)
        var texts: [String] = []
        for number in 0..<Self.messages {
            texts.append("of the victim's people \(number)")
            try await victim.send(texts[number])
            _ = await letPass(.seconds(seconds / Double(Self.messages)))
        }
        for (name, node) in [("the seed", seed), ("the third", third)] {
            let list = try await node.cli(["list", "--limit", "500", "--json"])
            let listed = Set(try list.json().map { $0["message"].string })
            let came = texts.count(where: listed.contains)
            findings.record(
                "messages at \(name)", "\(came) of \(texts.count)", goal: "≥ 99 %",
                holds: came * 100 >= texts.count * 99)
        }
        findings.record(
            "newcomers that joined within 3 s", "\(try await joined) of \(Self.newcomers)", goal: "≥ 99 %",
            holds: try await joined == Self.newcomers)
        forger.cancel()
        asker.cancel()
        findings.mention("sent", "\(try await forger.value) forgeries, \(try await asker.value) questions")
        let counters = try await victim.status()["counters"]
        for name in ["signals_forged", "signals_held", "bringer_throttled", "bringer_paused", "signals_relayed"] {
            findings.mention("  \(name) at the victim", "\(counters[name].int ?? 0)")
        }
        let leaked = try await third.status()["counters"]["signals_forged"].int ?? 0
        findings.record("forgeries that came further", "\(leaked)", goal: "≤ 1000", holds: leaked <= 1_000)
        try findings.conclude()
    }

    /// Routers that begin with the seed, one after the other; how many had joined in time.
    private func join(_ seed: TestNode) async throws -> Int {
        var joined = 0
        for _ in 0..<Self.newcomers {
            _ = await letPass(.seconds(seconds / Double(2 * Self.newcomers)))
            let site = try TestSite()
            let router = try site.start(
                Binaries.router,
                [
                    "--bus", site.bus, "--udp", "127.0.0.1:\(try FreePort.udp())", "--seed", seed.address,
                    "--log-level", "info",
                ])
            let line = await router.standardError.first(within: .seconds(4)) { $0.contains("joined the mesh") }
            if line != nil { joined += 1 }
            router.signal(SIGTERM)
            _ = try await router.waitForExit(within: .seconds(5))
        }
        return joined
    }

    /// Sends until the task is cancelled, and says how many.
    private static func flood(
        _ port: UInt16, perSecond rate: Double, _ signals: (Int) -> Signals
    ) async throws -> Int {
        let peer = try UDPPeer()
        let begin = ContinuousClock.now
        var sent = 0
        repeat {
            let due = Int(begin.duration(to: .now) / .seconds(1) * rate)
            while sent < due {
                try peer.send(Telex(signals: signals(sent)).encoded(), to: port)
                sent += 1
            }
        } while await letPass(.milliseconds(10))
        return sent
    }
}
