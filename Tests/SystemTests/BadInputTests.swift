import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Every mistake of a user gets a sentence that names it and the exit status of its kind.
    @Suite("Bad input", .timeLimit(.minutes(2)))
    struct BadInputTests {
        /// What is wrong with the text, found before anything is sent.
        @Test(
            arguments: [
                (arguments: ["send", ""], input: nil, says: "empty"),
                (arguments: ["send", "-"], input: [], says: "empty"),
                (arguments: ["send", "-"], input: [0x68, 0xC3, 0x28], says: "UTF-8"),
                (arguments: ["send", "bell\u{7}"], input: nil, says: "control"),
                (arguments: ["send", "  "], input: nil, says: "blanks"),
                (arguments: ["send", "\u{3164}\u{2800}"], input: nil, says: "blanks"),
                (arguments: ["send", "-"], input: [0x0D, 0x0A], says: "empty"),
            ] as [(arguments: [String], input: [UInt8]?, says: String)])
        func send_ofABadText_isRefused(_ bad: (arguments: [String], input: [UInt8]?, says: String)) async throws {
            let site = try TestSite()
            let output = try await site.run(Binaries.client, bad.arguments, input: bad.input)
            #expect(output.status == 3)
            #expect(output.errorText.localizedCaseInsensitiveContains(bad.says), "\(output.errorText)")
            #expect(output.lines.isEmpty, "talk goes to standard error")
        }

        @Test(arguments: [["show"], ["hide"], ["send", "x", "--channel"], ["tail", "--channel"]])
        func argumentThatIsRefused_isRepeatedWithoutItsControls(_ words: [String]) async throws {
            let output = try await TestSite().run(Binaries.client, words + ["a\u{1B}]0;title\u{7}/\u{202E}"])
            #expect(output.status == 2)
            #expect(output.errorText.contains("]0;title"), "\(output.errorText)")
            #expect(!output.errorText.unicodeScalars.contains { ["\u{1B}", "\u{7}", "\u{202E}"].contains($0) })
        }

        @Test func send_ofATextThatIsTooLong_saysByHowMuch() async throws {
            let node = try await TestNode.start()
            let tooLong = try await node.cli(["send", String(repeating: "a", count: 2_000)])
            #expect(tooLong.status == 3)
            let excess = try #require(Self.excess(in: tooLong.errorText), "\(tooLong.errorText)")
            let fits = try await node.cli(["send", String(repeating: "a", count: 2_000 - excess)])
            #expect(fits.status == 0, "\(fits.errorText)")
            let oneMore = try await node.cli(["send", String(repeating: "a", count: 2_001 - excess)])
            #expect(oneMore.status == 3)
            #expect(Self.excess(in: oneMore.errorText) == 1, "\(oneMore.errorText)")
        }

        @Test func send_withAnUnknownKey_fails() async throws {
            let site = try TestSite()
            let output = try await site.run(Binaries.client, ["send", "hello", "--key", "nobody"])
            #expect(output.status == 1)
            #expect(output.errorText.contains("nobody"), "\(output.errorText)")
        }

        @Test func send_withAKeyThatOthersCanRead_failsAndNamesTheRemedy() async throws {
            let site = try TestSite()
            let made = try await site.run(Binaries.client, ["key", "new", "open"])
            try #require(made.status == 0, "\(made.errorText)")
            let folder = site.directory.file("data/p2pmsg/keys")
            let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            chmod("\(folder)/\(file)", 0o644)
            let output = try await site.run(Binaries.client, ["send", "hello", "--key", "open"])
            #expect(output.status == 1)
            #expect(output.errorText.contains("chmod"), "\(output.errorText)")
            #expect(output.errorText.contains("\(folder)/\(file)"), "\(output.errorText)")
        }

        @Test(arguments: [(["send", "hello"], 4), (["list"], 1), (["status"], 1)])
        func client_withoutARouter_namesTheAddressWithinTheTimeout(_ arguments: [String], _ status: Int) async throws {
            let site = try TestSite()
            let bus = "ipc://" + site.directory.file("run/nobody.ipc")
            let sentence = "no node answers at \(bus); waiting up to 1 s. Is one running? Start one with p2pmsg up"
            let taken = try await fastest(goal: .seconds(2)) {
                let output = try await site.run(Binaries.client, arguments + ["--bus", bus, "--timeout", "1s"])
                #expect(Int(output.status) == status, "\(output.errorText)")
                #expect(output.errorText.contains(bus), "\(output.errorText)")
                #expect(output.errorText.contains(sentence), "\(output.errorText)")
                #expect(output.lines.isEmpty, "talk goes to standard error")
                return output.duration
            }
            #expect(taken < .seconds(2))
        }

        @Test(arguments: [Binaries.client, Binaries.router, Binaries.receiver, Binaries.renderer])
        func busPath_thatIsTooLong_isNamedWithItsLimit(_ program: String) async throws {
            let site = try TestSite()
            let bus = "ipc://" + site.directory.file("run/" + String(repeating: "x", count: 120) + ".ipc")
            let arguments = program == Binaries.client ? ["send", "hello", "--bus", bus] : ["--bus", bus]
            let output = try await site.run(program, arguments, within: .seconds(10))
            #expect([1, 2].contains(output.status), "\(output.errorText)")
            #expect(output.errorText.contains("107"), "\(output.errorText)")
        }

        @Test(arguments: [Binaries.router, Binaries.client])
        func udpPort_thatIsTaken_isNamed(_ program: String) async throws {
            let site = try TestSite()
            let other = try UDPPeer()
            let address = "127.0.0.1:\(other.port)"
            let http = "127.0.0.1:\(try FreePort.tcp())"
            let arguments =
                program == Binaries.client
                ? ["up", "--data", site.directory.file("node"), "--udp", address, "--http", http] : ["--udp", address]
            let output = try await site.run(program, arguments, within: .seconds(20))
            #expect(output.status == 1, "\(output.errorText)")
            #expect(output.errorText.contains(address), "\(output.errorText)")
            #expect(site.processes().isEmpty)
        }

        @Test func udpAddress_thatThisMachineHasNot_isASentenceThatSaysWhatToDo() async throws {
            let site = try TestSite()
            for address in ["192.0.2.1:42424", "[2001:db8::1]:42424"] {
                let output = try await site.run(Binaries.router, ["--udp", address], within: .seconds(20))
                #expect(output.status == 1)
                #expect(output.errors.count == 1 && output.errorText.contains(address), "\(output.errorText)")
                #expect(output.errorText.contains("--udp"), "\(output.errorText)")
            }
        }

        @Test func store_thatIsNoDatabase_isNamed() async throws {
            let site = try TestSite()
            let garbage = try site.directory.write(String(repeating: "no database ", count: 500), to: "garbage.sqlite")
            for store in [garbage, site.directory.file("home"), "/dev/null/store.sqlite"] {
                let output = try await site.run(Binaries.receiver, ["--store", store], within: .seconds(10))
                #expect(output.status == 1, "\(output.errorText)")
                #expect(output.errorText.contains(store), "\(output.errorText)")
            }
        }

        @Test(arguments: ["INSERT INTO grdb_migrations VALUES ('v9999 of the future');", "PRAGMA user_version = 9999;"])
        func store_ofANewerVersion_isLeftAlone(_ statement: String) async throws {
            let node = try await TestNode.start()
            try await node.send("kept")
            _ = try await node.stop()
            let folder = node.site.directory.file("node")
            let files = FileManager.default.subpaths(atPath: folder) ?? []
            let store = "\(folder)/\(try #require(files.first { $0.hasSuffix(".sqlite") }))"
            let made = try TestProcess("/usr/bin/sqlite3", [store, statement], environment: node.site.environment)
            try #require(try await made.waitForExit(within: .seconds(10)) == .status(0), "\(made.transcript)")
            let before = try #require(FileManager.default.contents(atPath: store))

            let output = try await node.site.run(Binaries.receiver, ["--store", store], within: .seconds(10))
            #expect(output.status == 1)
            #expect(output.errorText.contains("newer"), "\(output.errorText)")
            #expect(output.errorText.contains(store), "\(output.errorText)")
            #expect(FileManager.default.contents(atPath: store) == before, "not a byte was changed")
        }

        @Test(arguments: [Binaries.router, Binaries.receiver, Binaries.renderer, Binaries.client])
        func configuration_withATypo_isNamedWithItsLine(_ program: String) async throws {
            let site = try TestSite()
            let file = try site.directory.write("# a comment\n\nbuss = \"ipc:///tmp/x.ipc\"\n", to: "p2pmsg.conf")
            let command = program == Binaries.client ? ["up"] : []
            let output = try await site.run(program, command + ["--config", file], within: .seconds(10))
            #expect(output.status == 2, "\(output.errorText)")
            #expect(output.errorText.contains("\(file):3"), "\(output.errorText)")
            #expect(output.errorText.contains("buss"), "\(output.errorText)")
            #expect(output.errorText.contains("'bus'"), "it says what was meant: \(output.errorText)")
        }

        @Test(arguments: [Binaries.router, Binaries.receiver, Binaries.renderer, Binaries.client])
        func flag_thatDoesNotExist_isUsage(_ program: String) async throws {
            let site = try TestSite()
            let output = try await site.run(program, ["--no-such-flag"], within: .seconds(10))
            #expect(output.status == 2)
            #expect(output.errorText.contains("--no-such-flag"))
        }

        /// The number in "N byte(s) too long".
        private static func excess(in text: String) -> Int? {
            text.firstMatch(of: /(\d+) bytes? too long/).flatMap { Int($0.1) }
        }
    }
}
