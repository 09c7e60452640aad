import Bus
import BusClient
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// A copy of a store goes to the client that asked for it, and nowhere else.
    @Suite("Backups", .timeLimit(.minutes(3)))
    struct BackupTests {
        private static func bytes(_ path: String) -> Int {
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        }

        private static func mode(_ path: String) -> Int? {
            try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }

        private static func code(_ answer: Answer) -> String? {
            if case .refused(let refusal) = answer.body { refusal.code } else { nil }
        }

        private static func client(of node: TestNode) async throws -> (client: BusClient, store: StoreID) {
            let client = try BusClient(bus: node.bus, name: "backup-test")
            return (client, try #require(try await client.stores().first))
        }

        @Test func backup_ofANodeInUse_isAStoreThatStarts() async throws {
            let node = try await TestNode.start(receivers: 3)
            try await node.send("worth keeping")
            let copy = node.site.directory.file("copy.sqlite")
            let made = try await node.cli(["backup", copy, "--json"])
            #expect(made.status == 0, "\(made.errorText)")
            #expect(try made.json().first?["bytes"].int == Self.bytes(copy))
            #expect(Self.mode(copy) == 0o600)
            let again = try await node.cli(["backup", copy])
            #expect(again.status == 3, "\(again.errorText)")
            #expect(again.errorText.contains("is there already"), "\(again.errorText)")
            _ = try await node.stop()

            let restored = try await TestNode.start()
            _ = try await restored.stop()
            let place = restored.site.directory.file("node/store.sqlite")
            try FileManager.default.removeItem(atPath: place)
            try FileManager.default.copyItem(atPath: copy, toPath: place)
            let back = try await TestNode.start(site: restored.site)
            #expect(try await back.page().contains("worth keeping"))
        }

        @Test func backup_onStandardOutput_isTheSameFile() async throws {
            let node = try await TestNode.start()
            try await node.send("worth keeping")
            let (file, piped) = (node.site.directory.file("file"), node.site.directory.file("piped"))
            #expect(try await node.cli(["backup", file]).status == 0)
            let program = try Binaries.path(Binaries.client)
            let shell = try await node.site.run("/bin/sh", ["-c", "'\(program)' backup - >'\(piped)'"])
            #expect(shell.status == 0, "\(shell.errorText)")
            #expect(shell.errorText.contains("bytes of"), "\(shell.errorText)")
            #expect(FileManager.default.contentsEqual(atPath: file, andPath: piped))
            #expect(try await node.cli(["backup", "-", "--json"]).status == 2)
        }

        /// A text with a key of ssh on a line of its own, and a backup over the file that ssh believes: the receiver
        /// writes nowhere but beside its store, whatever a client of the bus says.
        @Test func client_cannotWriteWithTheRightsOfTheReceiver() async throws {
            let node = try await TestNode.start()
            try await node.send("a line\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO6c attacker\nanother")
            let (client, store) = try await Self.client(of: node)
            let before = try FileManager.default.subpathsOfDirectory(atPath: node.site.directory.path)
            let answer = try await client.control(.copy(.begin), of: store, timeout: .seconds(10))
            let ticket = try #require(answer.body.copy)
            let during = try FileManager.default.subpathsOfDirectory(atPath: node.site.directory.path)
            #expect(Set(during).subtracting(before) == ["node/store.sqlite.copying"], "the copy itself has no name")
            #expect(Self.mode(node.site.directory.file("node/store.sqlite.copying")) == 0o700)
            let wrong = CopyStep.piece(number: ticket.number &+ 1, offset: 0)
            let refused = try await client.control(.copy(wrong), of: store, at: ticket.receiver, timeout: .seconds(5))
            #expect(Self.code(refused) == "backup_gone")
            await client.close()
        }

        /// One that never asks on holds its copy for a while, in which nobody else gets one and everything else goes on.
        @Test func secondBackup_isTold_andOnlyBackupsWait() async throws {
            let node = try await TestNode.start(receivers: 2)
            let id = try await node.send("worth hiding")
            let (client, store) = try await Self.client(of: node)
            let answer = try await client.control(.copy(.begin), of: store, timeout: .seconds(10))
            let ticket = try #require(answer.body.copy)
            let file = node.site.directory.file("copy")
            for _ in 0..<3 {
                let second = try await node.cli(["backup", file])
                #expect(second.status == 1, "\(second.errorText)")
                #expect(second.errorText.contains("another backup of this store is under way"), "\(second.errorText)")
                #expect(Self.mode(file) == nil && Self.mode(file + ".partial") == nil)
            }
            #expect(try await node.cli(["hide", id]).status == 0)
            let end = CopyStep.end(number: ticket.number)
            let ended = try await client.control(.copy(end), of: store, at: ticket.receiver, timeout: .seconds(5))
            #expect(ended.body.done == ticket.bytes)
            #expect(try await node.cli(["backup", file]).status == 0)
            await client.close()
        }

        /// What is there belongs to somebody.
        @Test(arguments: [
            ("copy/", "name a file"), ("directory", "name a file in it"), ("taken", "is there already"),
            ("half", "half.partial is there"), ("no/such/file", "No such file or directory"),
            ("link", "is there already"),
        ])
        func backup_thatCannotBeWritten_saysWhy_andTouchesNothing(_ name: String, _ why: String) async throws {
            let node = try await TestNode.start()
            let site = node.site.directory
            for file in ["taken", "half.partial", "half.partial.partial"] { try site.write("precious", to: file) }
            try FileManager.default.createDirectory(atPath: site.file("directory"), withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                atPath: site.file("link"), withDestinationPath: site.file("nowhere"))
            let before = try FileManager.default.contentsOfDirectory(atPath: site.path)
            let output = try await node.cli(["backup", site.file(name)])
            #expect([1, 3].contains(output.status), "\(output.status)")
            #expect(output.errorText.contains(why), "\(output.errorText)")
            #expect(try Set(FileManager.default.contentsOfDirectory(atPath: site.path)) == Set(before))
            #expect(try String(contentsOfFile: site.file("half.partial"), encoding: .utf8) == "precious")
        }

        /// The copy lies beside the store for a while, and leaves it room to go on.
        @Test(.enabled(if: geteuid() == 0, "mounting a small file system needs root"))
        func backup_forWhichTheReceiverHasNoRoom_failsWithTheReason_andTheNodeGoesOn() async throws {
            let site = try TestSite()
            let disk = site.directory.file("node")
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
            let mounted = try await site.run("/bin/sh", ["-c", "mount -t tmpfs -o size=40m,mode=700 tmpfs '\(disk)'"])
            try #require(mounted.status == 0, "\(mounted.errorText)")
            let node = try await TestNode.start(site: site)
            try await node.send("before")
            #expect(FileManager.default.createFile(atPath: disk + "/filler", contents: Data(count: 38_500_000)))
            let output = try await node.cli(["backup", site.directory.file("copy")])
            #expect(output.status == 1, "\(output.errorText)")
            #expect(output.errorText.contains("bytes have to be free beside it"), "\(output.errorText)")
            #expect(output.errorText.contains("stop the node and copy the file"), "\(output.errorText)")
            #expect(try await node.cli(["list"]).text.contains("before"))
            try FileManager.default.removeItem(atPath: disk + "/filler")
            try await node.send("after")
            #expect(try await node.cli(["backup", site.directory.file("copy")]).status == 0)
            _ = try await node.stop()
            // What the sentence says: the file alone is the whole store, and another disk has room for it.
            let other = try TestSite()
            let data = other.directory.file("node")
            let take = "mkdir -m 700 '\(data)' && cp '\(disk)/store.sqlite' '\(data)/'"
            #expect(try await site.run("/bin/sh", ["-c", take]).status == 0)
            _ = try await site.run("/bin/sh", ["-c", "umount '\(disk)'"])
            let copied = try await TestNode.start(site: other)
            let list = try await copied.cli(["list"]).text
            #expect(list.contains("before") && list.contains("after"), "\(list)")
            _ = try await copied.stop()
        }

        /// A store large enough that its copy is under way when one side is killed.
        private static func largeNode() async throws -> TestNode {
            let node = try await TestNode.start()
            let lines = (0..<6_000).map { "message \($0) \(String(repeating: "x", count: 700))" }
            let sent = try await node.cli(
                ["send", "--lines", "--timeout", "60s"], input: Array(lines.joined(separator: "\n").utf8),
                within: .seconds(90))
            try #require(sent.status == 0, "\(sent.errorText)")
            return node
        }

        /// A client whose reader has taken a first piece, and takes the rest when there is a file `go`.
        private static func halfBackup(of node: TestNode) async throws -> TestProcess {
            let program = try Binaries.path(Binaries.client)
            let go = node.site.directory.file("go")
            let reader =
                "head -c 100000 >/dev/null; echo took; until [ -e '\(go)' ]; do sleep 0.1; done; cat >/dev/null"
            let script = "{ '\(program)' backup - --timeout 5s; echo \"status $?\" >&2; } | { \(reader); }"
            let process = try node.site.start("/bin/sh", ["-c", script])
            _ = try await process.waitForLine(matching: "took", within: .seconds(30))
            return process
        }

        @Test func killedReceiver_isSaid_andLeavesNothing() async throws {
            let node = try await Self.largeNode()
            let process = try await Self.halfBackup(of: node)
            for pid in node.site.processes(named: "p2pmsg-receiver") { kill(pid, SIGKILL) }
            try node.site.directory.write("", to: "go")
            _ = try await process.waitForExit(within: .seconds(20))
            _ = await process.standardError.first(within: .seconds(5)) { $0.hasPrefix("status") }
            #expect(process.standardError.all.last == "status 1", "\(process.transcript)")
            #expect(process.standardError.all.first?.contains("is not there") == true, "\(process.transcript)")
            try await eventually("it serves again", within: .seconds(20)) {
                try await node.cli(["list", "--limit", "1"]).status == 0
            }
            let place = node.site.directory.file("node/store.sqlite.copying")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
            let next = try await node.cli(["backup", node.site.directory.file("copy")])
            #expect(next.status == 0, "\(next.errorText)")
        }

        @Test func killedClient_holdsNobodyButTheNextBackup() async throws {
            let node = try await Self.largeNode()
            let process = try await Self.halfBackup(of: node)
            for pid in node.site.processes(named: "p2pmsg") where pid != node.process.pid { kill(pid, SIGKILL) }
            try node.site.directory.write("", to: "go")
            _ = try await process.waitForExit(within: .seconds(20))
            let second = try await node.cli(["backup", node.site.directory.file("copy")])
            #expect(second.status == 1 && second.errorText.contains("under way"), "\(second.errorText)")
            try await node.send("life goes on")
        }
    }
}
