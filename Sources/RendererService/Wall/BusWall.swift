import Bus
import BusClient
import BusSecurity
import Messages
import ServiceLifecycle
import ServiceRuntime

/// The node behind its bus.
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

    func keeps(_ channel: Channel) async -> Bool? {
        try? await client.directory(timeout: .seconds(Limits.readinessSeconds)).keeps(channel)
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
