import Foundation
import TestSupport
import Testing
import ZeroMQ

@testable import ReceiverService

@Suite struct SocketFilesTests {
    let directory: TemporaryDirectory
    /// Long after every file here was made.
    let later = Int64(Date().timeIntervalSince1970) + 3_600

    init() throws { directory = try TemporaryDirectory() }

    private var names: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: directory.path)) }
    }

    @Test func removeDead_takesOnlyTheFilesOfDeadReceivers() throws {
        for name in [
            "0123abcd.query", "0123abcd.query.lock", "0123abcd.feed", "0123abcd.feed.lock", "router.ipc",
            "router.ipc.lock", "0123abcd.other.lock", "0123ABCD.feed.lock",
        ] { try directory.write("", to: name) }
        #expect(SocketFiles.removeDead(in: directory.path, now: later) == 2)
        #expect(try names == ["router.ipc", "router.ipc.lock", "0123abcd.other.lock", "0123ABCD.feed.lock"])
    }

    @Test func removeDead_leavesFilesThatAreNew() throws {
        try directory.write("", to: "0123abcd.query.lock")
        let now = Int64(Date().timeIntervalSince1970)
        #expect(SocketFiles.removeDead(in: directory.path, now: now) == 0)
        #expect(try names == ["0123abcd.query.lock"])
    }

    @Test func removeDead_leavesTheSocketsOfTheLiving() async throws {
        let loop = try Loop(name: "alive")
        let endpoint = "ipc://\(directory.file("0123abcd.query"))"
        let socket = try await loop.run { context in
            let socket = try context.socket(.router)
            try socket.bind(endpoint)
            return LoopBound(socket, in: context)
        }
        #expect(SocketFiles.removeDead(in: directory.path, now: later) == 0)
        #expect(try names == ["0123abcd.query", "0123abcd.query.lock"])
        try await loop.run { context in socket.value(in: context).close() }
        await loop.shutdown()
        SocketFiles.removeDead(in: directory.path, now: later)
        #expect(try names.isEmpty)
    }
}
