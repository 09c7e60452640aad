import ArgumentParser
import BusClient
import Foundation
import Messages
import TestSupport

/// How much is written, on the command line.
struct LoadOptions: ParsableArguments {
    @Option(help: "Acknowledged messages a second, of all writers together.")
    var rate = 500

    @Option(help: "Writers, each with a key and a connection of its own.")
    var writers = 4

    func validate() throws {
        guard (1...100_000).contains(rate) else { throw ValidationError("--rate is 1 to 100000") }
        guard (1...100).contains(writers) else { throw ValidationError("--writers is 1 to 100") }
    }

    func crew(on stage: Stage, ledger: Ledger) -> Writers {
        Writers(bus: stage.site.bus, count: writers, rate: rate, ledger: ledger)
    }
}

/// People who write at a steady pace, whatever happens to the node.
struct Writers: Sendable {
    let bus: String
    let count: Int
    /// Messages a second of all together.
    let rate: Int
    let ledger: Ledger

    /// How long a message may wait for its receipt: longer than any process is away.
    private static let patience = Duration.seconds(30)

    /// Writes until `end`, or until the task is cancelled, and returns when every message has its receipt or was given up.
    func run(until end: ContinuousClock.Instant = .now + .seconds(24 * 3600)) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count { group.addTask { try await write(number, until: end) } }
            try await group.waitForAll()
        }
    }

    private func write(_ number: Int, until end: ContinuousClock.Instant) async throws {
        let client = try BusClient(bus: bus, name: "writer \(number)")
        let identity = Identity.generate(.ed25519)
        let pause = Duration.seconds(1) * count / rate
        var due = ContinuousClock.now
        try await withThrowingDiscardingTaskGroup { group in
            var index = 0
            while due < end {
                let wait = ContinuousClock.now.duration(to: due)
                if wait > .zero, !(await letPass(wait)) { break }
                let message = try identity.sign(
                    "writer \(number), message \(index)", channel: .tweets,
                    at: Timestamp.now)
                // A task of its own: cancelling the writer stops new messages, and those under way get their answers.
                let publishing = Task { await publish(message, by: client) }
                group.addTask { await publishing.value }
                index += 1
                due += pause
            }
        }
        await client.close()
    }

    private func publish(_ message: SignedMessage, by client: BusClient) async {
        let begun = ContinuousClock.now
        do throws(BusError) {
            ledger.note(
                try await client.publish(message, acks: 1, from: .commandLine, timeout: Self.patience), begun: begun)
        } catch {
            ledger.note(error)
        }
    }
}
