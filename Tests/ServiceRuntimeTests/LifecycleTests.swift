import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServiceRuntime

/// Each test runs a service in a process of its own and looks at how it ends.
@Suite struct LifecycleTests {
    /// Works until it is asked to stop.
    struct Waiting: Service {
        var onStart: @Sendable () -> Void = {}

        func run() async throws {
            onStart()
            try? await gracefulShutdown()
        }
    }

    struct Failing: Service {
        func run() async throws { throw FailureReport("the disk is gone") }
    }

    struct Ending: Service {
        func run() async throws {}
    }

    private static func words(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test func signal_endsTheServicesInOrderWithStatusZero() async {
        await #expect(processExitsWith: .exitCode(0)) {
            await ServiceMain.run("p2pmsg-test", logger: Logger(label: "test")) {
                [Waiting(), Waiting(onStart: { kill(getpid(), SIGTERM) })]
            }
        }
    }

    @Test func signalBeforeTheServicesAreBuilt_isNotForgotten() async {
        await #expect(processExitsWith: .exitCode(0)) {
            await ServiceMain.run("p2pmsg-test", logger: Logger(label: "test")) {
                kill(getpid(), SIGINT)
                return [Waiting()]
            }
        }
    }

    @Test func failingService_endsTheOthersAndIsReported() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await ServiceMain.run("p2pmsg-test", logger: Logger(label: "test")) { [Waiting(), Failing()] }
        }
        #expect(Self.words(result) == "p2pmsg-test: the disk is gone\n")
    }

    @Test func serviceThatEndsByItself_isAFailure() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await ServiceMain.run("p2pmsg-test", logger: Logger(label: "test")) { [Waiting(), Ending()] }
        }
        #expect(Self.words(result) == "p2pmsg-test: Ending ended without being asked to\n")
    }

    @Test func servicesThatCannotBeBuilt_areReportedWithTheirStatus() async {
        let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
            await ServiceMain.run("p2pmsg-test", logger: Logger(label: "test")) {
                throw FailureReport("the channel is wrong", status: .usage)
            }
        }
        #expect(Self.words(result) == "p2pmsg-test: the channel is wrong\n")
    }

    @Test func secondSignal_endsAtOnce() async {
        await #expect(processExitsWith: .exitCode(128 + SIGTERM)) {
            let signals = ShutdownSignals(service: "p2pmsg-test")
            signals.onRequest { kill(getpid(), SIGTERM) }
            kill(getpid(), SIGINT)
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
    }

    @Test func serviceThatDoesNotStop_isEndedAtTheDeadline() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            let signals = ShutdownSignals(service: "p2pmsg-test", seconds: 1)
            signals.onForcedEnd { StandardStreams.error("forced\n") }
            kill(getpid(), SIGTERM)
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
        #expect(Self.words(result) == "p2pmsg-test: did not stop in time, ending now\nforced\n")
    }

    @Test func supervisorThatDies_endsTheServices() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            let write = ends[1]
            setenv(ShutdownSignals.parentPipeVariable, "\(ends[0])", 1)
            await ServiceMain.run("p2pmsg-test", logger: Logger(label: "test")) {
                [Waiting(onStart: { close(write) })]
            }
        }
    }

    @Test func supervisorThatDies_isNoticedEveryTime() async {
        await #expect(processExitsWith: .exitCode(0)) {
            for _ in 0..<300 {
                var ends: [Int32] = [0, 0]
                pipe(&ends)
                let variables = [ShutdownSignals.parentPipeVariable: "\(ends[0])"]
                let signals = ShutdownSignals(service: "p2pmsg-test", seconds: 600, environment: variables)
                await withCheckedContinuation { heard in
                    signals.onRequest { heard.resume() }
                    close(ends[1])
                }
            }
            exit(0)
        }
    }

    @Test func wrongEnvironment_isAUsageError() async {
        let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
            _ = ServiceMain.parse(
                "p2pmsg-test", settings: [.json], arguments: [], environment: ["P2PMSG_JSON": "maybe"],
                using: { $0 }, explain: { _ in ("", 0) })
        }
        #expect(Self.words(result) == "p2pmsg-test: P2PMSG_JSON: 'maybe' is neither true nor false\n")
    }

    @Test func helpAsked_isOnStandardOutput() async {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            _ = ServiceMain.parse(
                "p2pmsg-test", settings: [], arguments: ["--help"], environment: [:],
                using: { _ -> Int in throw FailureReport("help") }, explain: { _ in ("USAGE: p2pmsg-test", 0) })
        }
        #expect(String(decoding: result?.standardOutputContent ?? [], as: UTF8.self) == "USAGE: p2pmsg-test\n")
    }
}
