import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Where the words go: a full disk, a closed stream, a reader that has read enough.
    @Suite("Output", .timeLimit(.minutes(2)))
    struct OutputTests {
        /// A node with three messages, and one that is hidden.
        private static func node() async throws -> TestNode {
            let node = try await TestNode.start()
            try await node.run([["send", "one"], ["send", "two"], ["send", "three"]])
            try await node.run([["hide", try await node.send("hidden")]])
            return node
        }

        /// What a shell does with `$p2pmsg`.
        private static func shell(_ script: String, on site: TestSite) async throws -> TestSite.Output {
            let program = try Binaries.path(Binaries.client)
            return try await site.run("/bin/sh", ["-c", "p2pmsg='\(program)'; \(script)"])
        }

        @Test func everyCommand_onAFullDisk_failsWithTheReason() async throws {
            let node = try await Self.node()
            let id = try #require(try await node.cli(["list", "--json", "--limit", "1"]).json().first?["id"].string)
            for command in [
                "list", "list --json", "search one", "show \(id)", "show \(id) --json", "export", "status",
                "status --json", "hide --list", "key list", "key show", "key export default", "name", "--help",
                "list --help", "--version", "backup -", "backup '\(node.site.directory.file("copy.sqlite"))'",
                "hide \(id)",
                "list --json --limit 1 | $p2pmsg verify", "export | $p2pmsg import", "simulate --nodes 3 --minutes 1",
                "key new another", "send hello", "send hello --json", "unhide \(id)",
            ] {
                let output = try await Self.shell("$p2pmsg \(command) > /dev/full", on: node.site)
                #expect(output.status == 1, "\(command): \(output.status)")
                #expect(output.errorText.contains("No space left on device"), "\(command): \(output.errorText)")
            }
            let receiver = try Binaries.path(Binaries.receiver)
            let store = node.site.directory.file("node/store.sqlite")
            for command in ["--help", "--salvage --store '\(store)'"] {
                let output = try await Self.shell("'\(receiver)' \(command) > /dev/full", on: node.site)
                #expect(output.status == 1, "\(command): \(output.status)")
                #expect(output.errorText.contains("No space left on device"), "\(command): \(output.errorText)")
            }
            let shown = try await node.cli(["list", "--json"]).json().compactMap { $0["message"].string }
            #expect(shown.filter { $0 == "hello" }.count == 2, "what was sent is sent")
        }

        @Test func everyCommand_withoutAReader_endsQuietly() async throws {
            let node = try await Self.node()
            let lines = (0..<4_000).map { "message \($0)" }.joined(separator: "\n")
            #expect(try await node.cli(["send", "--lines"], input: Array(lines.utf8)).status == 0)
            for command in ["list --limit 100000", "export", "search message --limit 100000"] {
                let script = "{ $p2pmsg \(command); echo status $? >&2; } | head -1"
                let output = try await Self.shell(script, on: node.site)
                #expect(output.lines.count == 1)
                #expect(output.errors == ["status 0"], "\(command): \(output.errorText)")
            }
        }

        /// Losing the reader of the receipts must not stop the sending.
        @Test(arguments: [("> /dev/full", 1), (">&-", 1), ("| head -1", 0)])
        func send_ofLines_sendsAll_whoeverReadsTheReceipts(_ redirection: String, _ status: Int) async throws {
            let node = try await TestNode.start()
            let lines = (0..<1_000).map { "message \($0)" }.joined(separator: "\n")
            let file = try node.site.directory.write(lines + "\n", to: "lines")
            let script =
                redirection.hasPrefix("|")
                ? "{ $p2pmsg send --lines < '\(file)'; echo status $? >&2; } \(redirection)"
                : "$p2pmsg send --lines < '\(file)' \(redirection); echo status $? >&2"
            let output = try await Self.shell(script, on: node.site)
            #expect(output.errors.last == "status \(status)", "\(output.errorText)")
            if status == 1 {
                #expect(output.errorText.contains("cannot write to standard output"), "\(output.errorText)")
                #expect(output.errorText.contains("1000 messages were sent"), "\(output.errorText)")
            }
            let listed = try await node.cli(["list", "--json", "--limit", "2000"]).json()
            #expect(Set(listed.compactMap { $0["message"].string }).count == 1_000)
        }

        @Test func closedStandardOutput_isNotTakenByASocket() async throws {
            let node = try await Self.node()
            let listed = try await Self.shell("$p2pmsg list >&-", on: node.site)
            #expect(listed.status == 1, "\(listed.errorText)")
            #expect(listed.errorText.contains("Bad file descriptor"), "\(listed.errorText)")
            let read = try await Self.shell("$p2pmsg send - <&-", on: node.site)
            #expect(read.status == 1, "\(read.errorText)")
            #expect(read.errorText.contains("cannot read the input"), "\(read.errorText)")
        }

        @Test(.enabled(if: geteuid() == 0, "mounting a small file system needs root"))
        func backup_onAFullDisk_failsWithTheReason_andLeavesNothing() async throws {
            let node = try await Self.node()
            let disk = node.site.directory.file("disk")
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
            let mounted = try await Self.shell("mount -t tmpfs -o size=16k tmpfs '\(disk)'", on: node.site)
            try #require(mounted.status == 0, "\(mounted.errorText)")
            let output = try await node.cli(["backup", disk + "/copy.sqlite"])
            let left = try FileManager.default.contentsOfDirectory(atPath: disk)
            _ = try await Self.shell("umount '\(disk)'", on: node.site)
            #expect(output.status == 1, "\(output.errorText)")
            #expect(output.errorText.contains("No space left on device"), "\(output.errorText)")
            #expect(left.isEmpty)
        }
    }
}
