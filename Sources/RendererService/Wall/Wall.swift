import Bus
import BusClient
import BusSecurity
import Messages
import ServiceLifecycle
import ServiceRuntime
import TelehashWire

/// What the pages need from the rest of the node: the bus in the service, a model in tests.
protocol Wall: Sendable {
    /// Asks a receiver.
    /// - Parameter store: where given, only receivers of this store: positions mean nothing elsewhere.
    func query(_ query: Query, of store: StoreID?) async throws(WallError) -> Answer

    /// Sends a message to the router and waits for the receipt.
    func publish(_ message: SignedMessage) async throws(WallError) -> Receipt

    /// Every message that is committed from now on, once each, in the order of arrival. Never ends by itself.
    func feed() -> AsyncStream<FeedEvent>

    /// Whether a store of this node takes what is written in the channel of this end; nil: nobody says so just now.
    func keeps(_ end: NodeID) async -> Bool?

    /// What is missing before the wall can be read and written; nil when the router and a receiver answer.
    func missing() async -> String?
}

extension Wall {
    func query(_ query: Query) async throws(WallError) -> Answer { try await self.query(query, of: nil) }
}

extension Answer {
    /// What was asked for.
    ///
    /// - Parameter kind: takes it out of an answer of the right kind.
    func value<Value>(_ kind: (Body) -> Value?) throws(WallError) -> Value {
        if let value = kind(body) { return value }
        guard case .refused(let refusal) = body else { throw .unavailable("a receiver answered another question") }
        throw .refused(refusal)
    }
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

struct BusWall: Wall, Service {
    private let client: BusClient

    /// Connects by itself, now and whenever the router comes back.
    /// - Throws: ``FailureReport`` for an address that cannot be one.
    init(bus: String, keys: BusKeys?) throws(FailureReport) {
        do throws(BusError) {
            client = try BusClient(bus: bus, keys: keys, trustsStores: true, name: "renderer")
        } catch {
            throw FailureReport(
                "cannot use the bus \(bus): \(error.message)", status: error.code == .addressInvalid ? .usage : .failed)
        }
    }

    func run() async throws {
        try? await gracefulShutdown()
        await client.close()
    }

    /// Whether the bus's thread comes round.
    func isAlive() async -> Bool { await client.isAlive() }

    func query(_ query: Query, of store: StoreID?) async throws(WallError) -> Answer {
        do throws(BusError) { return try await client.query(query, of: store) } catch { throw WallError(error) }
    }

    func publish(_ message: SignedMessage) async throws(WallError) -> Receipt {
        do throws(BusError) {
            return try await client.publish(message, timeout: .seconds(Limits.publishSeconds))
        } catch {
            throw WallError(error)
        }
    }

    func feed() -> AsyncStream<FeedEvent> { client.feed() }

    func keeps(_ end: NodeID) async -> Bool? {
        try? await client.directory(timeout: .seconds(Limits.readinessSeconds)).keeps(end)
    }

    func missing() async -> String? {
        do throws(BusError) {
            let directory = try await client.directory(timeout: .seconds(Limits.readinessSeconds))
            guard !directory.receivers.isEmpty else { return "the router knows no receiver" }
            // Nothing is behind the last place: the cheapest question there is.
            _ = try await client.query(
                .after(position: UInt64(Int64.max), limit: 1), timeout: .seconds(Limits.readinessSeconds))
            return nil
        } catch {
            return error.message
        }
    }
}

extension WallError {
    init(_ error: BusError) {
        self = error.refusal.map { .refused($0) } ?? .unavailable(error.message)
    }
}
