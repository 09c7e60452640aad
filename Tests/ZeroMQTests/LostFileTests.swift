import Foundation
import TestSupport
import Testing
import ZeroMQ

/// The files of sockets are deleted while they are bound, as the end of a login or a cleaner of temporary files does.
@Suite("Lost socket files", .timeLimit(.minutes(1)))
struct LostFileTests {
    @Test(arguments: [false, true])
    func deletedSocket_isBoundAnew_andWhoWasConnectedStays(withDirectory: Bool) async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let path = rig.directory.file("run/s")
        let bound = try await rig.bound(.pull, to: "ipc://" + path, into: heard)
        let early = try await rig.connected(.push, to: "ipc://" + path)
        try await rig.sendWhenWritable(early, [frame(1)])
        #expect(await heard.reached(1, within: .seconds(5)))

        let lost = withDirectory ? rig.directory.file("run") : path
        // On the loop's thread, so that it cannot look in between.
        let isListening = try await rig.loop.run { context in
            try FileManager.default.removeItem(atPath: lost)
            return bound.value(in: context).isListening
        }
        #expect(!isListening)
        let late = try await rig.connected(.push, to: "ipc://" + path)
        try await rig.sendWhenWritable(late, [frame(2)])
        #expect(await heard.reached(2, within: .seconds(10)))
        try await rig.sendWhenWritable(early, [frame(3)])
        #expect(await heard.reached(3, within: .seconds(5)))
        #expect(try await rig.loop.run { bound.value(in: $0).isListening })
        #expect(try await rig.counters(bound).rebound == 1)
        #expect(rig.errors.all.isEmpty)
        await rig.loop.shutdown()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// Whoever has the place now keeps it.
    @Test func placeThatSomebodyElseHasTaken_isLeftToThem_andHadAgainWhenTheyAreGone() async throws {
        let first = try Rig("first")
        let second = try Rig("second", directory: first.directory)
        let endpoint = first.endpoint("run/s")
        let bound = try await first.bound(.pull, to: endpoint)
        try FileManager.default.removeItem(atPath: first.directory.file("run"))
        _ = try await second.bound(.pull, to: endpoint)
        #expect(await first.errors.first(within: .seconds(10)) { $0.contains("another process is bound") } != nil)
        await second.loop.shutdown()
        try await eventually("it is bound again", within: .seconds(10)) {
            try await first.loop.run { bound.value(in: $0).isListening }
        }
        #expect(first.errors.count == 1)
        await first.loop.shutdown()
    }
}
