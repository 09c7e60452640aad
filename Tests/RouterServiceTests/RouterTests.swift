import Dispatch
import Logging
import ServiceRuntime
import TestSupport
import Testing

@testable import RouterService

/// A whole router in this process.
@Suite(.timeLimit(.minutes(1))) struct RouterTests {
    @Test func loopThatIsStuck_isNotAliveUntilItTurnsAgain() async throws {
        let directory = try TemporaryDirectory()
        let options = try RouterOptions.parse([
            "--udp", "127.0.0.1:0", "--bus", "ipc://" + directory.file("router.ipc"),
        ])
        let router = try await Router.start(
            options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
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
