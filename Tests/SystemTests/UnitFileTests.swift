import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The files for systemd, with systemd's own tools where the machine has them.
    @Suite("Units", .timeLimit(.minutes(1)))
    struct UnitFileTests {
        static let services = ["p2pmsg-router.service", "p2pmsg-receiver@.service", "p2pmsg-renderer.service"]
        private static let folder = Binaries.packageRoot + "/compose/systemd/"
        private static let analyze = "/usr/bin/systemd-analyze"

        /// A unit as it is, or with the programs of this build in the place of the installed ones.
        private static func unit(_ name: String) throws -> String {
            try String(contentsOfFile: folder + name, encoding: .utf8)
                .replacingOccurrences(of: "/usr/local/bin", with: Binaries.directory)
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
            for name in Self.services + ["p2pmsg.target"] { try directory.write(try Self.unit(name), to: name) }
            // An instance is a link to its template.
            try FileManager.default.createSymbolicLink(
                atPath: directory.file("p2pmsg-receiver@1.service"), withDestinationPath: "p2pmsg-receiver@.service")
            let names = [
                "p2pmsg.target", "p2pmsg-router.service", "p2pmsg-receiver@1.service", "p2pmsg-renderer.service",
            ]
            let verdict = try await Self.run(["verify", "--man=no"] + names.map { directory.file($0) })
            // The rest of the machine's units are its owner's affair.
            #expect(!verdict.lines.contains { $0.contains("p2pmsg") }, "\(verdict.lines)")
            #expect(verdict.exit == .status(0), "\(verdict.lines)")

            for name in names where name.hasSuffix(".service") {
                // Tenths: 0 is closed to everything, 100 open to all.
                let score = try await Self.run([
                    "security", "--offline=true", "--threshold=20", "--no-pager", directory.file(name),
                ])
                #expect(score.exit == .status(0), "\(score.lines.suffix(5))")
            }
        }

        @Test(arguments: services)
        func unit_startsAServiceThatBecomesReady(_ name: String) async throws {
            let directory = try TemporaryDirectory()
            let supervisor = try FakeSupervisor(path: directory.file("notify"))
            let line = try #require(try Self.unit(name).firstMatch(of: /(?m)^ExecStart=(.*)$/)).output.1
            let port = try FreePort.tcp()
            let words = line.split(separator: " ").map { word in
                String(word)
                    .replacingOccurrences(of: "%i", with: "1")
                    .replacingOccurrences(of: "/var/lib", with: directory.path)
                    .replacing(/127\.0\.0\.1:\d+/) { _ in "127.0.0.1:\(port)" }
            }
            let site = try TestSite(extra: [
                "NOTIFY_SOCKET": supervisor.path, "P2PMSG_UDP": "127.0.0.1:\(try FreePort.udp())",
                "P2PMSG_HTTP": "127.0.0.1:\(try FreePort.tcp())",
            ])
            try FileManager.default.createDirectory(
                atPath: directory.file("p2pmsg"), withIntermediateDirectories: false)
            let process = try TestProcess(words[0], Array(words.dropFirst()), environment: site.environment)
            let ready = await supervisor.heard.first(within: .seconds(10)) { $0.hasPrefix("READY=1") }
            #expect(ready != nil, "\(process.transcript)")
            process.signal(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(5)) == .status(0))
        }
    }
}
