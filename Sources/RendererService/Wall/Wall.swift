import Bus
import BusClient
import Messages

/// What the pages need from the rest of the node: the bus in the service, a model in tests.
protocol Wall: Sendable {
    /// Asks a receiver.
    /// - Parameter store: where given, only receivers of this store: positions mean nothing elsewhere.
    func query(_ query: Query, of store: StoreID?) async throws(WallError) -> Answer

    /// Sends a message to the router and waits for the receipt.
    func publish(_ message: SignedMessage) async throws(WallError) -> Receipt

    /// Every message that is committed from now on, once each, in the order of arrival. Never ends by itself.
    func feed() -> AsyncStream<FeedEvent>

    /// Whether a store of this node takes what is written in the channel; nil: nobody says so just now.
    func keeps(_ channel: Channel) async -> Bool?

    /// What is missing before the wall can be read and written; nil when the router and a receiver answer.
    func missing() async -> String?
}

extension Wall {
    func query(_ query: Query) async throws(WallError) -> Answer { try await self.query(query, of: nil) }
}

/// Why the node could not do what a request needs.
enum WallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The router does not answer, or no receiver does. Worth another try soon.
    case unavailable(String)
    /// Nobody will take this message, or answer this question.
    case refused(Refusal)

    var description: String {
        switch self {
        case .unavailable(let text): text
        case .refused(let refusal): "\(refusal.code): \(refusal.text)"
        }
    }
}
