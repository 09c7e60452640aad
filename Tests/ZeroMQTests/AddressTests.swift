import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite("Addresses", .timeLimit(.minutes(1)))
struct AddressTests {
    @Test func pathOf107Bytes_isBoundAndConnected_andOneMoreIsRefused() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let longest = rig.directory.file(String(repeating: "x", count: 107 - rig.directory.path.utf8.count - 1))
        #expect(longest.utf8.count == 107)
        _ = try await rig.bound(.pull, to: "ipc://" + longest, into: heard)
        let push = try await rig.connected(.push, to: "ipc://" + longest)
        try await rig.sendWhenWritable(push, [[1]])
        #expect(await heard.first(within: .seconds(5)) != nil)
        let error = await zeroMQError { _ = try await rig.bound(.pull, to: "ipc://" + longest + "y") }
        #expect(error?.code == .pathTooLong)
        #expect(error?.message == "the socket path \(longest)y has 108 bytes; the system's limit is 107")
        await rig.loop.shutdown()
    }

    @Test(arguments: [
        ("tcp://127.0.0.1:5555", ZeroMQError.Code.transportRefused), ("pgm://x", .transportRefused),
        ("tcp://127.0.0.1", .endpointMalformed), ("tcp://127.0.0.1:0", .endpointMalformed),
        ("tcp://127.0.0.1:65536", .endpointMalformed), ("tcp://:5555", .endpointMalformed),
        ("tcp://::1:5555", .endpointMalformed), ("tcp://[]:5555", .endpointMalformed),
        ("tcp://a b:5555", .endpointMalformed), ("tcp://eth0;a:5555", .endpointMalformed),
        ("tcp://h:+1", .endpointMalformed),
        ("/run/x.ipc", .endpointMalformed), ("", .endpointMalformed), ("ipc://", .endpointMalformed),
        ("ipc://relative", .endpointMalformed), ("ipc://@abstract", .endpointMalformed),
        ("ipc://*", .endpointMalformed),
        ("ipc:///run/", .endpointMalformed), ("ipc:///a\0b", .endpointMalformed), ("inproc://", .endpointMalformed),
    ])
    func addressesThatWeDontTake_areRefusedBeforeAnythingHappens(endpoint: String, code: ZeroMQError.Code) async throws
    {
        let error = #expect(throws: ZeroMQError.self) { try IPC.validate(endpoint) }
        #expect(error?.code == code)
        let rig = try Rig()
        #expect(await zeroMQError { _ = try await rig.connected(.dealer, to: endpoint) }?.code == code)
        #expect(await zeroMQError { _ = try await rig.bound(.router, to: endpoint) }?.code == code)
        await rig.loop.shutdown()
    }

    @Test func tcp_isRefusedWithTheReason() {
        let error = #expect(throws: ZeroMQError.self) { try IPC.validate("tcp://0.0.0.0:1") }
        #expect(error?.message.contains("needs CURVE keys") == true)
    }

    @Test func missingDirectories_areMadeForTheOwnerOnly() async throws {
        let rig = try Rig()
        _ = try await rig.bound(.router, to: rig.endpoint("a/b/c"))
        #expect(mode(rig.directory.file("a")) == 0o700)
        #expect(mode(rig.directory.file("a/b")) == 0o700)
        #expect(mode(rig.directory.file("a/b/c")) == 0o600)
        await rig.loop.shutdown()
    }

    @Test func directoryThatOthersCanWrite_isRefused() async throws {
        let rig = try Rig()
        for writable in [0o777, 0o1777, 0o770, 0o702] as [mode_t] {
            chmod(rig.directory.path, writable)
            let error = await zeroMQError { _ = try await rig.bound(.router, to: rig.endpoint()) }
            #expect(error?.code == .directoryUnsafe)
            #expect(error?.message.contains(rig.directory.path) == true)
        }
        chmod(rig.directory.path, 0o755)
        _ = try await rig.bound(.router, to: rig.endpoint())
        await rig.loop.shutdown()
    }

    @Test func secondLoop_isRefusedWhileTheFirstIsBound_andFreeAfterwards() async throws {
        let first = try Rig("first")
        let second = try Rig("second", directory: first.directory)
        let heard = Mailbox<[[UInt8]]>()
        let socket = try await first.bound(.pull, to: first.endpoint(), into: heard)
        let error = await zeroMQError { _ = try await second.bound(.pull, to: first.endpoint()) }
        #expect(error?.code == .addressInUse)
        #expect(error?.message == "another process is bound to \(first.endpoint())")
        // The first one still has its address.
        let push = try await second.connected(.push, to: first.endpoint())
        try await second.sendWhenWritable(push, [[1]])
        #expect(await heard.first(within: .seconds(5)) != nil)
        // Closed here and taken over there at once: the end of the one must not remove the file of the other.
        try await first.loop.run { socket.value(in: $0).close() }
        for _ in 0..<20 {
            for rig in [second, first] {
                let taken = try await rig.bound(.pull, to: first.endpoint())
                #expect(access(first.directory.file("s"), F_OK) == 0)
                try await rig.loop.run { taken.value(in: $0).close() }
                #expect(access(first.directory.file("s"), F_OK) != 0)
            }
        }
        await first.loop.shutdown()
        await second.loop.shutdown()
    }

    @Test func otherProcess_holdsItsAddressUntilItIsKilled() async throws {
        let rig = try Rig()
        let lock = rig.directory.file("s.lock")
        let other = try TestProcess(
            "/usr/bin/flock", ["--no-fork", lock, "sh", "-c", "echo locked; exec sleep 60"],
            environment: ["PATH": "/usr/bin:/bin"])
        _ = try await other.waitForLine(matching: "locked", within: .seconds(5))
        let error = await zeroMQError { _ = try await rig.bound(.router, to: rig.endpoint()) }
        #expect(error?.code == .addressInUse)
        other.signal(SIGKILL)
        _ = try await other.waitForExit(within: .seconds(5))
        _ = try await rig.bound(.router, to: rig.endpoint())
        await rig.loop.shutdown()
    }

    @Test func fileOfADeadProcess_isNoObstacle() async throws {
        let rig = try Rig()
        try rig.directory.write("", to: "s")
        try rig.directory.write("", to: "s.lock")
        let heard = Mailbox<[[UInt8]]>()
        _ = try await rig.bound(.pull, to: rig.endpoint(), into: heard)
        let push = try await rig.connected(.push, to: rig.endpoint())
        try await rig.sendWhenWritable(push, [[1]])
        #expect(await heard.first(within: .seconds(5)) != nil)
        await rig.loop.shutdown()
    }

    @Test func lastEndpoint_isWhatWasBound() async throws {
        let rig = try Rig()
        let socket = try await rig.bound(.pull, to: rig.endpoint())
        #expect(try await rig.loop.run { socket.value(in: $0).lastEndpoint } == rig.endpoint())
        #expect(IPC.path(of: rig.endpoint()) == rig.directory.file("s"))
        #expect(IPC.path(of: "inproc://x") == nil)
        await rig.loop.shutdown()
    }

    private func mode(_ path: String) -> mode_t {
        var entry = stat()
        return stat(path, &entry) == 0 ? entry.st_mode & 0o777 : 0
    }
}
