import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// What belongs to a node as a whole: its channels, its directories.
    @Suite("One node, its parts", .timeLimit(.minutes(2)))
    struct NodeTests {
        @Test func channelOfOneFlag_isTakenByReplicasWithoutASetting() async throws {
            let node = try await TestNode.start(arguments: ["--channel", "garden"])
            let replica = try node.site.start(
                Binaries.receiver, ["--store", node.site.directory.file("replica.sqlite")])
            try await eventually("both stores are here", within: .seconds(10)) {
                try await node.status()["stores"].array?.count == 2
            }
            for channel in ["garden", "tweets"] {
                let sent = try await node.cli(["send", "to \(channel)", "--channel", channel, "--acks", "2", "--json"])
                #expect(sent.status == 0, "\(sent.errorText)")
                #expect(try sent.json().first?["stored"].array?.count == 2)
            }
            try await eventually("each store says what it holds", within: .seconds(5)) {
                try await node.status()["stores"].array?.map { $0["messages"].int } == [2, 2]
            }
            #expect(try await node.http.get("/channels/garden").body.contains("to garden"))
            #expect(replica.isRunning)
        }

        @Test func channelThatNobodyTakes_isSaidBeforeAndAfter_andEndsWithFour_unlessAnotherSwitchTakesIt() async throws
        {
            let node = try await TestNode.start()
            let arguments = ["send", "hello", "--channel", "orchard", "--timeout", "2s"]
            let alone = try await node.cli(arguments)
            #expect(alone.status == 4)
            #expect(alone.errorText.contains("this node does not keep the channel orchard"))
            #expect(alone.errorText.contains("--channel orchard"))
            #expect(alone.errors.last?.contains("nobody took it") == true)
            #expect(try await node.http.get("/channels/orchard").body.contains("This node does not keep this channel"))
            let peer = try await Peer.join(node)
            let relayed = try await node.cli(arguments + ["--json"])
            #expect(relayed.status == 0)
            #expect(try relayed.json().first?["relayed"].int == 1)
            #expect(relayed.errorText.contains("this node does not keep the channel orchard"))
            #expect(peer.process.isRunning)
        }

        @Test func runtimeDirectoryThatIsDeleted_isThereAgainWithinSeconds_andAllFindEachOther() async throws {
            let node = try await TestNode.start()
            try await node.send("before")
            try FileManager.default.removeItem(atPath: node.site.directory.file("run/p2pmsg"))
            let sent = try await node.cli(["send", "after", "--timeout", "10s"])
            #expect(sent.status == 0, "\(sent.errorText)")
            let listed = try await node.cli(["list", "--json", "--timeout", "10s"])
            #expect(listed.lines.count == 2)
            #expect(try await node.http.get("/readyz").status == 200)
            // Somebody who was not there before.
            let replica = try node.site.start(
                Binaries.receiver, ["--store", node.site.directory.file("replica.sqlite")])
            try await eventually("the new store has everything", within: .seconds(20)) {
                try await node.status()["stores"].array?.map { $0["messages"].int } == [2, 2]
            }
            // And a router that is started anew is found by those that were.
            kill(try #require(node.site.processes(named: "p2pmsg-router").first), SIGKILL)
            let again = try await node.cli(["send", "again", "--acks", "2", "--timeout", "20s"])
            #expect(again.status == 0, "\(again.errorText)")
            #expect(replica.isRunning)
        }

        /// Connections that exist stay, so only the router itself can say that nobody else finds it.
        @Test func routerWhoseSocketIsDeleted_isNotReadyUntilItIsThereAgain() async throws {
            let first = try FreePort.tcp(row: 3)
            let node = try await TestNode.start(arguments: ["--ops", "127.0.0.1:\(first)"])
            let router = HTTPClient(.tcp(port: first))
            let socket = node.site.directory.file("run/p2pmsg/router.ipc")
            var wasMissed = false
            // It may be bound anew before anybody asks.
            for _ in 0..<5 where !wasMissed {
                try FileManager.default.removeItem(atPath: socket)
                wasMissed = try await router.get("/readyz").status == 503
                try await eventually("it is there again", within: .seconds(10)) {
                    try await router.get("/readyz").status == 200 && FileManager.default.fileExists(atPath: socket)
                }
            }
            #expect(wasMissed)
        }

        @Test func secondNodeOnTheSameData_isRefusedWithThePid() async throws {
            let node = try await TestNode.start()
            let second = try await node.cli([
                "up", "--data", node.site.directory.file("node"), "--bus", "ipc://\(node.site.directory.file("b.ipc"))",
                "--udp", "127.0.0.1:\(try FreePort.udp())", "--http", "127.0.0.1:\(try FreePort.tcp())",
            ])
            #expect(second.status == 1)
            #expect(second.errorText.contains("(pid \(node.process.pid))"), "\(second.errorText)")
            try await node.kill()
            let third = try await TestNode.start(site: node.site)
            #expect(third.process.isRunning)
        }
    }
}
