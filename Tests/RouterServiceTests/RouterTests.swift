import BusClient
import Dispatch
import Logging
import Operations
import ServiceRuntime
import TestSupport
import Testing

@testable import RouterService

/// A whole router in this process.
@Suite(.timeLimit(.minutes(1))) struct RouterTests {
    private let directory: TemporaryDirectory
    private var bus: String { "ipc://" + directory.file("router.ipc") }

    init() throws { directory = try TemporaryDirectory() }

    private func start() async throws -> Router {
        try await Router.start(
            try RouterOptions.parse(["--udp", "127.0.0.1:0", "--bus", bus, "--state", "off"]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Between the two steps of its end, messages still arrive.
    @Test func messageThatComesDuringTheEnd_findsTheBusStillThere() async throws {
        let router = try await start()
        router.link.disconnect()
        let client = try BusClient(bus: bus, name: "test")
        let directory = try await client.directory()
        #expect(directory.receivers.isEmpty)
        await client.close()
        await router.loop.shutdown()
    }

    @Test func loopThatIsStuck_isNotAliveUntilItTurnsAgain() async throws {
        let router = try await start()
        let start = StartGate()
        start.open()
        let health = ServiceHealth(
            start: start, limit: .milliseconds(200), isAlive: router.isAlive, isReady: router.readiness)
        #expect(await health.isAlive())
        #expect(await health.readiness() == .notReady("no receiver is connected"))

        let wall = DispatchSemaphore(value: 0)
        router.loop.post { _ in wall.wait() }
        #expect(await !health.isAlive())
        #expect(await health.readiness() == .notReady("no answer within 200 ms"))
        wall.signal()
        try await eventually("it turns again", within: .seconds(5)) { await health.isAlive() }
        await router.loop.shutdown()
    }
}
