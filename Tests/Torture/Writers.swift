import BusClient
import Foundation
import Messages
import TestSupport

/// People who write at a steady pace, whatever happens to the node.
struct Writers: Sendable {
    let bus: String
    let count: Int
    /// Messages a second of all together.
    let rate: Int
    let ledger: Ledger

    /// How long a message may wait for its receipt: longer than any process is away.
    private static let patience = Duration.seconds(30)

    /// Writes until `end` and returns when every message has its receipt or was given up.
    func run(until end: ContinuousClock.Instant) async throws {
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
                if wait > .zero { try await letTimePass(wait) }
                let message = try identity.sign(
                    "writer \(number), message \(index)", channel: .tweets,
                    at: Int64(Date().timeIntervalSince1970 * 1_000))
                group.addTask { await publish(message, by: client) }
                index += 1
                due += pause
            }
        }
        await client.close()
    }

    private func publish(_ message: SignedMessage, by client: BusClient) async {
        let begin = ContinuousClock.now
        do throws(BusError) {
            let receipt = try await client.publish(message, acks: 1, timeout: Self.patience)
            let (seconds, attoseconds) = begin.duration(to: .now).components
            ledger.note(receipt, after: Double(seconds) * 1e3 + Double(attoseconds) / 1e15)
        } catch {
            ledger.note(error)
        }
    }
}
