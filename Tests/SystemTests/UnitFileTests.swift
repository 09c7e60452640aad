import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The files for systemd, with systemd's own tools where the machine has them.
    @Suite("Units", .timeLimit(.minutes(1)))
    struct UnitFileTests {
        /// Each of them, and a number of those that have one.
        static let services = [
            "p2pmsg-router.service", "p2pmsg-receiver@1.service", "p2pmsg-receiver@12.service",
            "p2pmsg-receiver@254.service", "p2pmsg-renderer.service", "p2pmsg-renderer@2.service",
        ]
        private static let folder = Binaries.packageRoot + "/compose/systemd/"
        private static let analyze = "/usr/bin/systemd-analyze"

        /// A unit as it is, or with the programs of this build in the place of the installed ones.
        private static func unit(_ name: String) throws -> String {
            try String(contentsOfFile: folder + template(of: name), encoding: .utf8)
                .replacingOccurrences(of: "/usr/local/bin", with: Binaries.directory)
        }

        /// An instance is `name@12.service`, its file `name@.service`.
        private static func template(of name: String) -> String { name.replacing(/@\d+/, with: "@") }

        private static func instance(of name: String) -> String {
            name.firstMatch(of: /@(\d+)/).map { String($0.1) } ?? ""
        }

        private static func run(_ words: [String]) async throws -> (exit: TestProcess.Exit, lines: [String]) {
            let process = try TestProcess(analyze, words, environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"])
            let exit = try await process.waitForExit(within: .seconds(30))
            for output in [process.standardOutput, process.standardError] {
                _ = await output.first(within: .seconds(5)) { _ in false }
            }
            return (exit, process.standardOutput.all + process.standardError.all)
        }

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: analyze)))
        func units_pleaseSystemdAndAreWellEnclosed() async throws {
            let directory = try TemporaryDirectory()
            for name in Self.services + ["p2pmsg.target"] {
                let file = Self.template(of: name)
                try directory.write(try Self.unit(file), to: file)
                guard file != name else { continue }
                try FileManager.default.createSymbolicLink(
                    atPath: directory.file(name), withDestinationPath: file)
            }
            let names = ["p2pmsg.target"] + Self.services
            let verdict = try await Self.run(["verify", "--man=no"] + names.map { directory.file($0) })
            // The rest of the machine's units are its owner's affair.
            #expect(!verdict.lines.contains { $0.contains("p2pmsg") }, "\(verdict.lines)")
            #expect(verdict.exit == .status(0), "\(verdict.lines)")

            for name in names where name.hasSuffix(".service") {
                // Tenths: 0 is closed to everything, 100 open to all.
                let score = try await Self.run([
                    "security", "--offline=true", "--threshold=14", "--no-pager", directory.file(name),
                ])
                #expect(score.exit == .status(0), "\(score.lines.suffix(5))")
            }
        }

        @Test(arguments: services)
        func unit_startsAServiceThatBecomesReady(_ name: String) async throws {
            let directory = try TemporaryDirectory()
            let supervisor = try FakeSupervisor(path: directory.file("notify"))
            let line = try #require(try Self.unit(name).firstMatch(of: /(?m)^ExecStart=(.*)$/)).output.1
            let words = try line.split(separator: " ").map { word in
                try String(word)
                    .replacingOccurrences(of: "%i", with: Self.instance(of: name))
                    .replacing(/(127\.0\.0\.\d+):\d+/) { "\($0.1):\(try FreePort.tcp())" }
            }
            let site = try TestSite(extra: [
                "NOTIFY_SOCKET": supervisor.path, "P2PMSG_UDP": "127.0.0.1:\(try FreePort.udp())",
                "P2PMSG_HTTP": "127.0.0.1:\(try FreePort.tcp())",
            ])
            let process = try TestProcess(words[0], Array(words.dropFirst()), environment: site.environment)
            let ready = await supervisor.heard.first(within: .seconds(10)) { $0.hasPrefix("READY=1") }
            #expect(ready != nil, "\(process.transcript)")
            process.signal(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(5)) == .status(0))
        }

        /// The first of each service as it is, further ones behind the `#` of an example.
        @Test func everyUnit_isAmongWhatPrometheusAsks() throws {
            let path = Binaries.packageRoot + "/compose/prometheus/targets.yaml"
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let targets = Set(lines.prefix { !$0.hasPrefix("# Of ") }.map { $0.trimmingPrefix(#/[ #]*- /#) })
            for (name, number) in [
                ("router", ""), ("receiver@", "1"), ("receiver@", "2"), ("renderer", ""), ("renderer@", "2"),
            ] {
                let ops = try #require(try Self.unit("p2pmsg-\(name).service").firstMatch(of: #/--ops ([^ \n]+)/#))
                let address = ops.output.1.replacing("%i", with: number)
                #expect(targets.contains(address[...]), "\(name)\(number) at \(address)")
            }
        }

        /// Each has a user and a directory of its own, and those of the others are closed to it, whatever their rights say.
        @Test func units_areUsersOfTheirOwn_andSeeNothingOfTheOthers() throws {
            func values(_ name: String) throws -> [String] {
                try ["router.service", "receiver@.service", "renderer.service"].map { unit in
                    let line = try Self.unit("p2pmsg-" + unit).split(separator: "\n").first { $0.hasPrefix(name + "=") }
                    return String(try #require(line).dropFirst(name.count + 1))
                }
            }
            let (users, data) = (try values("User"), try values("StateDirectory"))
            let sysusers = try String(contentsOfFile: Self.folder + "p2pmsg.sysusers", encoding: .utf8)
            #expect(Set(users).count == 3 && Set(data).count == 3)
            for user in users { #expect(sysusers.contains("\nu \(user) ")) }
            for (own, closed) in zip(data, try values("InaccessiblePaths")) {
                let others = closed.split(separator: " ").map { String($0.trimmingPrefix("-/var/lib/")) }
                #expect(Set(others) == Set(data).subtracting([own]))
            }
            #expect(try Set(values("StateDirectoryMode")) == ["0700"])
        }

        /// The environment comes before the operator's file, so what a unit says there as a setting would be said for good.
        @Test(arguments: services) func unit_leavesEverySettingToTheOperator(_ name: String) throws {
            let set = try Self.unit(name).split(separator: "\n").filter { $0.hasPrefix("Environment=") }
                .flatMap { $0.dropFirst("Environment=".count).split(separator: " ") }
            #expect(set.contains { $0.hasPrefix("XDG_") })
            #expect(!set.contains { $0.contains(/^P2PMSG_(?!DEFAULT_)/) }, "\(set)")
        }

        /// What a template of the same service lets it do is what the plain unit does.
        @Test func moreRenderers_areAsEnclosedAsTheFirst() throws {
            func settings(_ name: String) throws -> [Substring] {
                try Self.unit(name).split(separator: "\n").filter { line in
                    !["#", "Description=", "ExecStart="].contains { line.hasPrefix($0) }
                }
            }
            #expect(try settings("p2pmsg-renderer@.service") == settings("p2pmsg-renderer.service"))
        }
    }
}
