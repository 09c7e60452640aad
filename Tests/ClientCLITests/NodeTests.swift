import Foundation
import Glibc
import ServiceRuntime
import TestSupport
import Testing

@testable import ClientCLI

@Suite struct RestartPolicyTests {
    @Test func childThatDiesAgainAndAgain_waitsLongerEachTimeUpToFiveSeconds() {
        var policy = RestartPolicy()
        policy.worked()
        var pauses: [RestartPolicy.Decision] = []
        for second in 0..<9 {
            policy.started(at: .seconds(second))
            pauses.append(policy.ended(.signal(9), at: .seconds(second)))
        }
        let milliseconds = [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]
        #expect(pauses == milliseconds.map { .restart(after: .milliseconds($0)) })
    }

    @Test func childThatLivedTenSeconds_isStartedAtOnceAgain() {
        var policy = RestartPolicy()
        for _ in 0..<5 { _ = policy.ended(.signal(9), at: .zero) }
        policy.started(at: .seconds(100))
        #expect(policy.ended(.signal(9), at: .seconds(110)) == .restart(after: .zero))
        policy.started(at: .seconds(110))
        #expect(policy.ended(.signal(9), at: .seconds(110)) == .restart(after: .milliseconds(100)))
    }

    @Test func usageErrorAtTheFirstStart_givesUp() {
        var policy = RestartPolicy()
        #expect(policy.ended(.status(2), at: .zero) == .giveUp)
    }

    @Test func threeFailedFirstStarts_giveUp() {
        var policy = RestartPolicy()
        #expect(policy.ended(.status(1), at: .zero) == .restart(after: .zero))
        #expect(policy.ended(.status(1), at: .zero) == .restart(after: .milliseconds(100)))
        #expect(policy.ended(.status(1), at: .zero) == .giveUp)
    }

    @Test func childThatWorkedOnce_isNeverGivenUp() {
        var policy = RestartPolicy()
        policy.worked()
        for _ in 0..<20 { #expect(policy.ended(.status(1), at: .zero) != .giveUp) }
    }

    @Test func childKilledFromOutside_isNotGivenUp() {
        var policy = RestartPolicy()
        for _ in 0..<20 { #expect(policy.ended(.signal(9), at: .zero) != .giveUp) }
    }
}

@Suite struct NodePlanTests {
    private var plan: NodePlan {
        NodePlan(
            bus: "ipc:///b", data: "/d", udp: .ip(host: "0.0.0.0", port: 1), http: .ip(host: "0.0.0.0", port: 80),
            basePath: "/wall/",
            passedOn: [
                .router: ["--seed=a:1"], .receiver: ["--channel=tweets"], .renderer: ["--title=- a wall -"],
            ],
            receivers: 2, logLevel: "debug", logFormat: .json)
    }

    @Test func secondNodeOnTheSameData_isRefusedWithThePidOfTheFirst_andThatOfADeadOneIsNoHindrance() throws {
        let directory = try TemporaryDirectory()
        let first = try DataLock(directory: directory.path)
        let report = #expect(throws: FailureReport.self) { try DataLock(directory: directory.path) }
        #expect(report?.message.contains("(pid \(getpid()))") == true)
        #expect(report?.message.contains(directory.path) == true && report?.status == .failed)
        withExtendedLifetime(first) {}
        try "4294967\n".write(
            toFile: directory.file(DataLock.fileName + "x"), atomically: false, encoding: .utf8)
        try FileManager.default.removeItem(atPath: directory.file(DataLock.fileName))
        try FileManager.default.moveItem(
            atPath: directory.file(DataLock.fileName + "x"), toPath: directory.file(DataLock.fileName))
        let again = try DataLock(directory: directory.path)
        #expect(try String(contentsOfFile: directory.file(DataLock.fileName), encoding: .utf8) == "\(getpid())\n")
        withExtendedLifetime(again) {}
    }

    @Test func flags_reachTheProcessesThatTheyConcern() {
        let children = plan.children
        let log = ["--log-level", "debug", "--log-format", "json"]
        #expect(children.map(\.label) == ["router", "receiver-1", "receiver-2", "renderer"])
        #expect(
            children[0].arguments == [
                "--bus", "ipc:///b", "--udp", "0.0.0.0:1", "--state", "/d/switches", "--seed=a:1",
            ] + log)
        #expect(
            children[1].arguments == ["--bus", "ipc:///b", "--store", "/d/store.sqlite", "--channel=tweets"] + log)
        #expect(children[2].arguments == children[1].arguments)
        #expect(
            children[3].arguments == [
                "--bus", "ipc:///b", "--http", "0.0.0.0:80", "--base-path", "/wall/", "--title=- a wall -",
            ] + log)
    }

    @Test func ops_areOnePortForEachProcess() {
        var plan = plan
        #expect(plan.opsAddresses.isEmpty && !plan.children.contains { $0.arguments.contains("--ops") })
        plan.ops = .ip(host: "::1", port: 9464)
        func ops(_ child: ChildPlan) -> String? {
            child.arguments.firstIndex(of: "--ops").map { child.arguments[$0 + 1] }
        }
        #expect(plan.children.map(ops) == ["[::1]:9464", "[::1]:9466", "[::1]:9467", "[::1]:9465"])
        #expect(plan.opsAddresses.map(\.description) == (9464...9467).map { "[::1]:\($0)" })
    }

    @Test func ourVariables_doNotReachTheChildren() {
        let environment = plan.environment(from: [
            "PATH": "/bin", "P2PMSG_OPS": "127.0.0.1:1", "P2PMSG_CONFIG": "/c", "P2PMSG_LOG_LEVEL": "debug",
            "P2PMSG_TEST_SITE": "x",
        ])
        #expect(
            environment == [
                "PATH": "/bin", "P2PMSG_TEST_SITE": "x", "P2PMSG_PARENT_PIPE": "0",
                "P2PMSG_KEYS": "/d/keys",
            ])
    }

    @Test func linesOfAJSONLog_getTheNameOfTheProcess() {
        let line = #"{"time":"t","level":"notice","service":"receiver","message":"receiving"}"#
        #expect(
            ChildOutput.json(line, of: "receiver-2")
                == #"{"process":"receiver-2","time":"t","level":"notice","service":"receiver","message":"receiving"}"#)
        let ending = #"{"time":"t","level":"critical","service":"router","message":"port \"1\" is taken"}"#
        #expect(ChildOutput.message(in: ending) == #"port "1" is taken"#)
        let other = ChildOutput.json("Fatal error: \"out\" of {range}", of: "router")
        #expect(other.hasPrefix(#"{"process":"router","time":""#))
        #expect(other.hasSuffix(#""level":"error","service":"router","message":"Fatal error: \"out\" of {range}"}"#))
    }

    @Test func pageAddress_canBeOpened() {
        var plan = plan
        #expect(plan.pageAddress == "http://127.0.0.1:80/wall/tweets")
        plan.http = .ip(host: "::", port: 8080)
        plan.basePath = "/"
        #expect(plan.pageAddress == "http://[::1]:8080/tweets")
        plan.http = .unix(path: "/s")
        #expect(plan.pageAddress == "/tweets at unix:/s")
    }

    @Test func addressInUse_isSaidBeforeAnythingStarts() throws {
        let directory = try TemporaryDirectory()
        let server = try UnixServer(path: directory.file("router.ipc"))
        var plan = plan
        plan.http = .unix(path: directory.file("http"))
        plan.bus = "ipc://" + server.path
        let error = try #require(throws: FailureReport.self) { try UpCommand.checkFree(plan) }
        #expect(error.message == "a router is served at \(server.path) already; give this node its own --bus")
        plan.bus = "ipc://" + directory.file("free")
        try UpCommand.checkFree(plan)
        plan.http = .unix(path: server.path)
        #expect(throws: FailureReport.self) { try UpCommand.checkFree(plan) }
    }

    @Test func probe_readsTheStatusOfAnAnswer() {
        #expect(PageProbe.status(inHead: Array("HTTP/1.1 200 OK\r\n".utf8)) == 200)
        #expect(PageProbe.status(inHead: Array("HTTP/1.1 503 No".utf8)) == 503)
        #expect(PageProbe.status(inHead: Array("SSH-2.0-x 200".utf8)) == nil)
        #expect(PageProbe.status(inHead: []) == nil)
    }

    @Test func missingProgram_isNamed() throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: FailureReport.self) {
            try Programs(directories: [directory.path]).path(of: "p2pmsg-router")
        }
        #expect(error.message == "cannot find p2pmsg-router, neither beside p2pmsg nor in PATH")
    }
}

/// Listens at a socket file and never answers.
private final class UnixServer {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard bound == 0, listen(descriptor, 4) == 0 else { throw SystemError("listen at \(path)") }
    }

    deinit { close(descriptor) }
}
