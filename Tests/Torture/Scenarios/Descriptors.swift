import ArgumentParser
import Bus
import BusClient
import Messages
import TestSupport

/// Connections pile up until router and receiver have no descriptors left.
struct Descriptors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Router and receiver may open few files, and more connections come than that.")

    @Option(help: "Open files that each may have.")
    var limit = 96

    @Option(help: "Connections at a time, to each.")
    var connections = 400

    @Option(help: "How often they come and go.")
    var rounds = 5

    func run() async throws {
        var findings = Findings("descriptors")
        let stage = try await Stage.open(Stage.Cast(receivers: [1], renderers: 0, descriptors: limit))
        let old = try BusClient(bus: stage.site.bus, name: "old")
        let identity = Identity.generate(.ed25519)
        try await use(old, identity, "before")
        let directory = try await old.directory()
        guard let receiver = directory.receivers.first else { throw NotInTime("no receiver") }
        let paths = [stage.site.bus, receiver.queryEndpoint].map { String($0.dropFirst("ipc://".count)) }
        for round in 1...rounds {
            var crowd = RawConnections()
            defer { crowd.closeAll() }
            // More than the listening sockets' queues hold, so it takes some turns until all have been tried.
            for turn in 1...5 {
                for path in paths { try crowd.open(connections / 5, to: path) }
                // Whoever was there before is served all the time.
                try await use(old, identity, "round \(round), turn \(turn)")
                try await letTimePass(.milliseconds(100))
            }
        }
        for number in [stage.router, stage.receivers[0]] {
            // It is brought up to date every second.
            let refused = try? await eventually("refused connections", within: .seconds(5)) {
                let count = try await stage.metric("connections_refused_total", of: number)
                return count > 0 ? count : nil
            }
            let name = stage.parts[number].name
            findings.record(
                "\(name): connections refused", "\(refused ?? 0)", goal: "some", holds: refused != nil)
            let runs = stage.process(number).isRunning
            findings.record("\(name): runs", runs ? "yes" : "no", goal: "yes", holds: runs)
        }
        let new = try BusClient(bus: stage.site.bus, name: "new")
        let begun = ContinuousClock.now
        try await eventually("a newcomer is served", within: .seconds(30)) {
            try await use(new, identity, "after")
            return true
        }
        let time = begun.duration(to: .now)
        findings.record(
            "a newcomer is served after", "\(Int(time.milliseconds)) ms", goal: "5000 ms", holds: time <= .seconds(5))
        for client in [old, new] { await client.close() }
        try await stage.close()
        try findings.conclude()
    }

    /// Publishes and reads.
    private func use(_ client: BusClient, _ identity: Identity, _ text: String) async throws {
        let message = try identity.sign(text, channel: .tweets, at: Timestamp.now)
        let receipt = try await client.publish(message, acks: 1, from: .commandLine, timeout: .seconds(10))
        guard receipt.stored.count == 1 else { throw NotInTime("'\(text)' was not stored") }
        let answer = try await client.query(.message(message.id), timeout: .seconds(10))
        guard case .rows(let rows, _) = answer.body, rows.count == 1 else { throw NotInTime("'\(text)' is not there") }
    }
}
