import Glibc
import ServiceRuntime
import TestSupport
import Testing

@testable import ClientCLI

/// The supervisor with scripts in the place of the services.
@Suite(.serialized) struct NodeSupervisorTests {
    /// Sleeps until it is told to end, as a service does, and writes its number where the test can read it.
    private static let service = """
        #!/bin/sh
        echo $$ >> "$0.started"
        trap 'exit 0' TERM
        while :; do sleep 0.05; done
        """

    private let directory: TemporaryDirectory
    private let plan: NodePlan

    init() throws {
        directory = try TemporaryDirectory()
        plan = NodePlan(
            bus: "ipc:///b", data: directory.path, udp: .ip(host: "127.0.0.1", port: 1),
            http: .ip(host: "127.0.0.1", port: 1), basePath: "/")
        for name in ["router", "receiver", "renderer"] { try script(name, Self.service) }
    }

    private func script(_ name: String, _ text: String) throws {
        _ = try directory.write(text, to: "p2pmsg-" + name, permissions: 0o755)
    }

    private func supervisor() throws -> NodeSupervisor {
        try NodeSupervisor(
            plan: plan, programs: Programs(directories: [directory.path]), environment: ["PATH": "/usr/bin:/bin"])
    }

    /// The process numbers of all starts of a service so far.
    private func starts(_ name: String) -> [pid_t] {
        let text = (try? readFile(directory.file("p2pmsg-\(name).started"), limit: 1 << 16)) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { pid_t($0) }
    }

    private var everyone: [pid_t] { ["router", "receiver", "renderer"].flatMap { starts($0) } }

    private func untilAllRun() async throws {
        try await eventually("all services run", within: .seconds(60)) {
            ["router", "receiver", "renderer"].allSatisfy { !starts($0).isEmpty }
        }
    }

    @Test func stop_endsEveryProcess() async throws {
        let supervisor = try supervisor()
        defer { supervisor.killAll() }
        let running = Task { try await supervisor.run() }
        try await untilAllRun()
        supervisor.stop()
        try await running.value
        #expect(everyone.count == 3)
        #expect(everyone.allSatisfy { kill($0, 0) != 0 })
    }

    @Test func childThatIsKilled_isStartedAgain() async throws {
        let supervisor = try supervisor()
        defer { supervisor.killAll() }
        let running = Task { try await supervisor.run() }
        try await untilAllRun()
        let first = try #require(starts("receiver").first)
        kill(first, SIGKILL)
        try await eventually("a second receiver", within: .seconds(60)) { starts("receiver").count == 2 }
        supervisor.stop()
        try await running.value
        #expect(starts("router").count == 1)
    }

    @Test func childThatCannotStart_endsTheNodeWithItsReason() async throws {
        try script("router", "#!/bin/sh\necho 'p2pmsg-router: UDP port 42424 is taken' >&2\nexit 1\n")
        let supervisor = try supervisor()
        defer { supervisor.killAll() }
        let error = await #expect(throws: FailureReport.self) { try await supervisor.run() }
        #expect(error?.message == "router cannot start: p2pmsg-router: UDP port 42424 is taken")
        #expect(error?.status == .failed)
        #expect(everyone.allSatisfy { kill($0, 0) != 0 })
    }

    @Test func openFilesOfOurs_doNotReachTheChildren() async throws {
        let ours = open(directory.path, O_RDONLY)
        defer { close(ours) }
        try script("router", "#!/bin/sh\n[ -e /proc/self/fd/\(ours) ] && echo leaked >&2 || echo clean >&2\nexit 2\n")
        let supervisor = try supervisor()
        defer { supervisor.killAll() }
        let error = await #expect(throws: FailureReport.self) { try await supervisor.run() }
        #expect(error?.message == "router cannot start: clean")
    }

    @Test func childThatIgnoresTheRequest_isKilledInTime() async throws {
        try script("renderer", Self.service.split(separator: "trap 'exit 0' TERM").joined(separator: "trap '' TERM"))
        let supervisor = try supervisor()
        defer { supervisor.killAll() }
        let running = Task { try await supervisor.run() }
        try await untilAllRun()
        let start = ContinuousClock.now
        supervisor.stop()
        try await running.value
        #expect(start.duration(to: .now) < .seconds(5))
        #expect(everyone.allSatisfy { kill($0, 0) != 0 })
    }

    /// Data and hang-up in one moment: what libdispatch's read sources on Linux crash on, now and then.
    @Test func lastWords_writtenAtTheEnd_areTheReason() async throws {
        for number in 0..<300 {
            let pipe = try PipePair()
            let output = ChildOutput(label: "test")
            let words = "p2pmsg-test: number \(number)\n"
            #expect(write(pipe.write, words, words.utf8.count) == words.utf8.count)
            close(pipe.write)
            await withCheckedContinuation { done in output.follow(pipe.read) { done.resume() } }
            output.drop()
            #expect(output.reason == "p2pmsg-test: number \(number)")
        }
    }
}
