import Logging
import TestSupport
import Testing

@testable import Operations
@testable import ServiceRuntime

@Suite struct OpsServerTests {
    private let counters = Counters(service: "router")

    private func server(
        at address: ListenAddress, isAlive: @escaping ServiceHealth.LivenessCheck = { true },
        trouble: @escaping ServiceHealth.TroubleCheck = { nil },
        isReady: @escaping ServiceHealth.ReadinessCheck = { .ready },
        onBound: @escaping @Sendable (ListenAddress) -> Void = { _ in }
    ) -> OpsServer {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let start = StartGate()
        start.open()
        let health = ServiceHealth(
            start: start, limit: .milliseconds(200), isAlive: isAlive, trouble: trouble, isReady: isReady)
        return OpsServer(address: address, counters: counters, logger: logger, health: health, onBound: onBound)
    }

    /// Runs the server on a port of its own while `body` asks it.
    private func withServer(
        isAlive: @escaping ServiceHealth.LivenessCheck = { true },
        trouble: @escaping ServiceHealth.TroubleCheck = { nil },
        isReady: @escaping ServiceHealth.ReadinessCheck = { .ready }, _ body: (HTTPClient) async throws -> Void
    ) async throws {
        let bound = Mailbox<ListenAddress>()
        let server = server(
            at: .ip(host: "127.0.0.1", port: 0), isAlive: isAlive, trouble: trouble, isReady: isReady
        ) { bound.append($0) }
        let running = Task { try await server.run() }
        defer { running.cancel() }
        let found = try #require(await bound.first(within: .seconds(5)))
        guard case .ip(_, let port) = found.element else { throw NotInTime("no port") }
        try await body(HTTPClient(.tcp(port: UInt16(port))))
        running.cancel()
        try await running.value
    }

    @Test func threePaths_answer() async throws {
        counters.add("sent", 3)
        try await withServer { client in
            let live = try await client.get("/livez")
            #expect(live.status == 200)
            let ready = try await client.get("/readyz?verbose")
            #expect(ready.status == 200)
            let metrics = try await client.get("/metrics")
            #expect(metrics.body.contains("p2pmsg_router_sent_total 3\n"))
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    @Test func notReady_is503WithTheReason() async throws {
        try await withServer(isReady: { .notReady("no store\nanswers") }) { client in
            let ready = try await client.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready.body == "no store\\nanswers\n")
        }
    }

    @Test func loopThatIsStuck_is503AndTheServerStillAnswers() async throws {
        try await withServer(isAlive: { await Stuck.forEver() }) { client in
            let live = try await client.get("/livez")
            #expect(live.status == 503)
            #expect(live.body == "the service's loop does not answer\n")
            let metrics = try await client.get("/metrics")
            #expect(metrics.status == 200)
        }
    }

    @Test func trouble_is503WithTheReason_thoughTheLoopTurns() async throws {
        try await withServer(trouble: { "the socket is lost\nfor long" }) { client in
            let live = try await client.get("/livez")
            #expect(live.status == 503)
            #expect(live.body == "the socket is lost\\nfor long\n")
        }
    }

    @Test func readinessThatChanges_isSeenAtOnce() async throws {
        let stores = counters.gauge("stores")
        try await withServer(isReady: { stores.value > 0 ? .ready : .notReady("no store yet") }) { client in
            let before = try await client.get("/readyz")
            #expect(before.status == 503)
            stores.set(1)
            let after = try await client.get("/readyz")
            #expect(after.status == 200)
        }
    }

    @Test func otherPathsAndMethods_areRefused() async throws {
        try await withServer { client in
            let root = try await client.get("/")
            #expect(root.status == 404)
            let other = try await client.get("/livez/")
            #expect(other.status == 404)
            let posted = try await client.post("/livez", json: "{}")
            #expect(posted.status == 405)
            #expect(posted.headers["allow"] == "GET, HEAD")
            let head = try await client.request("HEAD", "/metrics")
            #expect(head.status == 200)
            #expect(head.bytes.isEmpty)
        }
    }

    @Test func addressTaken_isNamedInTheError() async throws {
        let bound = Mailbox<ListenAddress>()
        let first = server(at: .ip(host: "127.0.0.1", port: 0), onBound: { bound.append($0) })
        let running = Task { try await first.run() }
        defer { running.cancel() }
        let taken = try #require(await bound.first(within: .seconds(5))).element
        let second = server(at: taken)
        let error = await #expect(throws: FailureReport.self) { try await second.run() }
        #expect(error?.message == "cannot serve --ops at \(taken): Address already in use")
    }

    @Test func unixSocket_isServed() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("ops.sock")
        let bound = Mailbox<ListenAddress>()
        let server = server(at: .unix(path: path), onBound: { bound.append($0) })
        let running = Task { try await server.run() }
        defer { running.cancel() }
        _ = try #require(await bound.first(within: .seconds(5)))
        let live = try await HTTPClient(.unix(path: path)).get("/livez")
        #expect(live.status == 200)
    }
}
