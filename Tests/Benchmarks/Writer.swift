import BusClient
import Foundation
import Messages
import TestSupport

/// A client on a node's bus with messages to send.
struct Writer: Sendable {
    let client: BusClient
    private let identity = Identity.generate(.ed25519)

    init(_ node: TestNode) throws {
        client = try BusClient(bus: node.bus, name: "benchmark")
    }

    func message(_ text: String) throws -> SignedMessage {
        try identity.sign(text, channel: .tweets, at: Int64(Date().timeIntervalSince1970 * 1_000))
    }

    func messages(_ count: Int, _ text: String) throws -> [SignedMessage] {
        try (0..<count).map { try message("\(text) \($0), about as long as what people write on a wall") }
    }

    /// Publishes and waits for the receipt of a durable commit.
    func send(_ message: SignedMessage) async throws {
        let receipt = try await client.publish(message, acks: 1, from: .commandLine, timeout: .seconds(10))
        guard !receipt.stored.isEmpty else { throw NotInTime("no store committed \(message.id)") }
    }

    /// Publishes all with `window` of them in flight at any time.
    func send(_ messages: [SignedMessage], inFlight window: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, message) in messages.enumerated() {
                if index >= window { try await group.next() }
                group.addTask { try await send(message) }
            }
            try await group.waitForAll()
        }
    }
}
