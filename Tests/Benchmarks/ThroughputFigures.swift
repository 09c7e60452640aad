import Foundation
import Messages
import TestSupport

extension Benchmark {
    /// Acknowledged sends with a hundred in flight, and what the processes hold in memory after 100,000 of them.
    static let throughput = Benchmark(name: "throughput") {
        let rounds = 5
        let messagesPerRound = 20_000
        let node = try await TestNode.start()
        let writer = try Writer(node)
        var rates: [Double] = []
        for round in 0..<rounds {
            // Signed before the clock starts: the figure is the node's, not the author's.
            let messages = try writer.messages(messagesPerRound, "round \(round)")
            let begin = ContinuousClock.now
            try await writer.send(messages, inFlight: 100)
            rates.append(Double(messages.count) / (ContinuousClock.now - begin).seconds)
            Benchmarks.note("  round \(round + 1): \(rates[round].short) sends/s")
        }
        await writer.client.close()
        // Readers too: a page, an old page and the live events are what a renderer holds memory for.
        for path in ["/tweets", "/api/messages"] { _ = try await node.http.get(path) }
        let memory = try [(Binaries.router, 40.0), (Binaries.receiver, 60), (Binaries.renderer, 60)].map { name, goal in
            (megabytes: try residentMegabytes(name, of: node), goal: goal)
        }
        _ = try await node.stop()
        let rate = Samples(rates).median
        return [
            Figure(
                what: "acknowledged sends a second, one receiver, 100 in flight", goal: "≥ 5000",
                measured: rate.short, isMet: rate >= 5_000,
                how: "median of \(rounds) rounds of \(messagesPerRound)"),
            Figure(
                what: "resident memory after 100,000 messages: router / receiver / renderer", goal: "≤ 40 / 60 / 60 MB",
                measured: memory.map(\.megabytes.short).joined(separator: " / ") + " MB",
                isMet: memory.allSatisfy { $0.megabytes <= $0.goal }, how: "VmRSS, after the rounds above"),
        ]
    }

    static func residentMegabytes(_ program: String, of node: TestNode) throws -> Double {
        guard let pid = node.site.processes(named: program).first else { throw NotInTime("\(program) does not run") }
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
            throw NotInTime("no VmRSS of \(program)")
        }
        return kilobytes * 1_024 / 1_000_000
    }
}
