import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Operations
@testable import ServiceRuntime

/// The service and its supervisor, which is a socket of the test.
@Suite struct SupervisionTests {
    private let directory: TemporaryDirectory
    private let supervisor: FakeSupervisor

    init() throws {
        directory = try TemporaryDirectory()
        supervisor = try FakeSupervisor(path: directory.file("notify"))
    }

    private func health(_ isAlive: @escaping ServiceHealth.LivenessCheck, start: StartGate) -> ServiceHealth {
        ServiceHealth(start: start, limit: .milliseconds(50), isAlive: isAlive, isReady: { .ready })
    }

    /// Runs the supervision of a service while `body` looks at what the supervisor hears.
    private func supervise(
        _ health: ServiceHealth, watchdog: Duration = .milliseconds(90), _ body: () async throws -> Void
    ) async throws {
        let socket = SystemdSocket(environment: [
            "NOTIFY_SOCKET": directory.file("notify"), "WATCHDOG_USEC": "\(Int64(watchdog.milliseconds) * 1_000)",
        ])
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let supervision = Supervision(health: health, systemd: socket, logger: logger)
        let group = ServiceGroup(services: [supervision], logger: logger)
        let running = Task { try await group.run() }
        try await body()
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test func serviceThatWorks_isReadyThenAliveThenStopping() async throws {
        let start = StartGate()
        let health = health({ true }, start: start)
        #expect(await health.readiness() == .notReady("starting"))
        try await supervise(health) {
            #expect(supervisor.heard.all.isEmpty, "not before it has started")
            start.open()
            try await supervisor.hears("READY=1\nSTATUS=running")
            for _ in 0..<3 { try await supervisor.hears("WATCHDOG=1", after: supervisor.heard.count) }
            #expect(await health.readiness() == .ready)
        }
        try await supervisor.hears("STOPPING=1\nSTATUS=stopping")
        #expect(await health.readiness() == .notReady("stopping"))
    }

    @Test func loopThatIsStuck_getsNoPingUntilItTurnsAgain() async throws {
        let start = StartGate()
        start.open()
        let loop = FakeLoop()
        try await supervise(health({ await loop.turn() }, start: start)) {
            try await supervisor.hears("WATCHDOG=1")
            loop.stick()
            let stuck = try await supervisor.hears("STATUS=the service's loop does not answer")
            // As long as the supervisor would have waited for six pings.
            let ping = await supervisor.heard.first(from: stuck, within: .milliseconds(180)) { $0 == "WATCHDOG=1" }
            #expect(ping == nil)
            loop.goOn()
            try await supervisor.hears("WATCHDOG=1", after: stuck)
        }
    }

    @Test func endBeforeTheStart_isToldToo() async throws {
        try await supervise(health({ true }, start: StartGate())) {}
        try await supervisor.hears("STOPPING=1\nSTATUS=stopping")
        #expect(!supervisor.heard.all.contains { $0.contains("READY") })
    }

    @Test func nameWithoutAFile_isReached() async throws {
        let name = "@p2pmsg-test-\(getpid())"
        let supervisor = try FakeSupervisor(path: name)
        let socket = try #require(SystemdSocket(environment: ["NOTIFY_SOCKET": name]))
        socket.send(["READY=1"])
        try await supervisor.hears("READY=1")
    }

    @Test func variablesOfAnotherProcess_areNotForUs() {
        let environment = ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"]
        #expect(SystemdSocket(environment: environment, processID: 2)?.watchdog == nil)
        #expect(SystemdSocket(environment: environment, processID: 1)?.watchdog == .seconds(1))
        #expect(SystemdSocket(environment: [:]) == nil)
        #expect(SystemdSocket(environment: ["NOTIFY_SOCKET": "relative"]) == nil)
        #expect(SystemdSocket(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 107)]) == nil)
    }

    @Test func questionThatIsNeverAnswered_isAskedOnce() async {
        let asked = Atomic(0)
        let question = Question(limit: .milliseconds(20), otherwise: false) {
            asked.add(1, ordering: .relaxed)
            return await Stuck.forEver()
        }
        for _ in 0..<5 { #expect(await !question.answer()) }
        #expect(asked.load(ordering: .relaxed) == 1)
    }
}

/// A loop that is stuck.
enum Stuck {
    static func forEver() async -> Bool {
        await withUnsafeContinuation { (_: UnsafeContinuation<Bool, Never>) in }
    }
}

/// A loop that can be stuck for a while: questions are answered when it goes on.
private final class FakeLoop: Sendable {
    private let state = Mutex<(isStuck: Bool, waiting: [CheckedContinuation<Bool, Never>])>((false, []))

    func turn() async -> Bool {
        await withCheckedContinuation { continuation in
            let isStuck = state.withLock { state in
                if state.isStuck { state.waiting.append(continuation) }
                return state.isStuck
            }
            if !isStuck { continuation.resume(returning: true) }
        }
    }

    func stick() { state.withLock { $0.isStuck = true } }

    func goOn() {
        let waiting = state.withLock { state in
            state.isStuck = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: true) }
    }
}

extension FakeSupervisor {
    /// - Returns: the place after the datagram.
    @discardableResult
    func hears(_ text: String, after start: Int = 0) async throws -> Int {
        guard let found = await heard.first(from: start, within: .seconds(10), where: { $0 == text }) else {
            throw NotInTime("the supervisor did not hear '\(text)' but \(heard.all)")
        }
        return found.index + 1
    }
}
