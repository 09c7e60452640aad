import Logging
import Messages
import ReceiverStore
import SQLiteStore
import ServiceLifecycle
import ServiceRuntime
import StoreConformance
import TestSupport

@testable import ReceiverService

/// A receiver in this process, with everything but the signals.
final class RunningReceiver: Sendable {
    let receiver: Receiver
    let counters: Counters
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    init(
        bus: String, store: String, channels: [Channel] = [.tweets], refuses2011: Bool = false,
        retention: Retention = Retention(), logger: Logger = Fixture.silent,
        clock: @escaping @Sendable () -> Int64 = { Fixture.now },
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws {
        counters = Counters(service: "receiver")
        receiver = try Receiver(
            ReceiverConfiguration(
                bus: bus, network: nil, store: SQLiteFile(store), channels: channels, refuses2011: refuses2011,
                policy: Policy(), rates: Rates(.unbounded), retention: retention, ops: nil),
            counters: counters, logger: logger, clock: clock, monotonic: monotonic)
        let group = ServiceGroup(services: [receiver], logger: logger)
        self.group = group
        task = Task { try await group.run() }
    }

    /// Waits until it ends by itself.
    func ended() async throws { try await task.value }

    /// Ends it gracefully and returns how long that took.
    @discardableResult
    func stop() async throws -> Duration {
        let start = ContinuousClock.now
        await group.triggerGracefulShutdown()
        try await task.value
        return start.duration(to: .now)
    }
}
