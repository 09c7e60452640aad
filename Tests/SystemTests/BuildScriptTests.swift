import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// `compose/up` and `compose/build` in a checkout of their own, with a compiler that only says that it compiles.
    @Suite("Build script", .timeLimit(.minutes(1)))
    struct BuildScriptTests {
        struct Checkout {
            let site: TestSite
            var root: String { site.directory.path }

            init() throws {
                let programs = try TemporaryDirectory()
                site = try TestSite(extra: [
                    "PATH": "\(programs.path):/usr/bin:/bin"
                ])
                self.programs = programs
                try FileManager.default.createDirectory(
                    atPath: root + "/Sources", withIntermediateDirectories: false)
                try FileManager.default.createDirectory(
                    atPath: root + "/compose", withIntermediateDirectories: false)
                for file in ["up", "build", "packages.sh"] {
                    try FileManager.default.copyItem(
                        atPath: Binaries.packageRoot + "/compose/" + file, toPath: root + "/compose/" + file)
                }
                try site.directory.write("", to: "Package.swift")
                try edit()
                let compiler = """
                    #!/bin/sh
                    if [ "$1" = --version ]; then echo "Swift version 6.3.1"; exit; fi
                    echo "programs only: $P2PMSG_PROGRAMS_ONLY, swift $*" >>'\(root)/calls'
                    echo "Fetching https://github.com/somebody/something"
                    echo "[1/3] Compiling Something a.swift"
                    if [ -e '\(root)/hangs' ]; then exec sleep 60; fi
                    if [ -e '\(root)/fails' ]; then echo "a.swift:1:1: error: cannot find 'x' in scope"; exit 1; fi
                    mkdir -p '\(root)/.build/release'
                    printf '#!/bin/sh\\necho "started: $*"\\n' >'\(root)/.build/release/p2pmsg'
                    chmod +x '\(root)/.build/release/p2pmsg'
                    echo "[3/3] Linking p2pmsg"
                    """
                try programs.write(compiler, to: "swift")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: programs.file("swift"))
            }

            private let programs: TemporaryDirectory

            /// A file of the sources is newer than every build.
            func edit() throws { try site.directory.write("", to: "Sources/a.swift") }

            func have(_ mark: String) throws { try site.directory.write("", to: mark) }

            func up() async throws -> TestSite.Output {
                try await site.run(root + "/compose/up", ["--http", "127.0.0.1:1"])
            }

            func builds() throws -> [String] {
                try String(contentsOfFile: root + "/calls", encoding: .utf8).split(separator: "\n").map(String.init)
            }
        }

        @Test func firstStart_buildsTheProgramsAtOnce_saysHowLong_andStarts() async throws {
            let checkout = try Checkout()
            let first = try await checkout.up()
            #expect(first.status == 0, "\(first.errorText)")
            // Standard output belongs to the node, which prints the address of its page there.
            #expect(first.lines == ["started: up --http 127.0.0.1:1"])
            #expect(
                first.errors.first?.contains(/about \d+ minutes with \d+ processor cores/) == true, "\(first.errors)")
            #expect(first.errors.last?.hasPrefix("p2pmsg: built in") == true, "\(first.errors)")
            #expect(first.errors.count <= 3, "\(first.errors)")
            let builds = try checkout.builds()
            #expect(builds.count == 1)
            #expect(builds[0].hasPrefix("programs only: 1, swift build"))
            #expect(builds[0].contains("--configuration release") && !builds[0].contains("--product"), "\(builds)")

            let second = try await checkout.up()
            #expect(second.lines == first.lines)
            #expect(second.errors.isEmpty, "\(second.errors)")
            #expect(try checkout.builds().count == 1)

            try checkout.edit()
            let third = try await checkout.up()
            #expect(third.errors.first == "p2pmsg: building what has changed.")
            #expect(try checkout.builds().count == 2)
        }

        @Test func failedBuild_showsWhatTheCompilerSaid_andStartsNothing() async throws {
            let checkout = try Checkout()
            try checkout.have("fails")
            let failed = try await checkout.up()
            #expect(failed.status == 1)
            #expect(failed.lines.isEmpty)
            #expect(failed.errors.contains("a.swift:1:1: error: cannot find 'x' in scope"), "\(failed.errors)")
            #expect(failed.errorText.contains(checkout.root + "/.build/build.log"), "\(failed.errors)")
            #expect(!failed.errorText.contains("Fetching"), "\(failed.errors)")

            try FileManager.default.removeItem(atPath: checkout.root + "/fails")
            #expect(try await checkout.up().status == 0)
            #expect(try checkout.builds().count == 2)
        }

        /// A shell cannot trap a signal that was ignored when it started, as SIGHUP is below `nohup`.
        private static let signals = [SIGTERM, SIGINT, SIGHUP].filter { signal in
            var action = sigaction()
            return sigaction(signal, nil, &action) == 0 && action.__sigaction_handler.sa_handler == nil
        }

        @Test(arguments: signals)
        func stoppedBuild_leavesNothingRunning_andIsNotTakenForBuilt(_ signal: Int32) async throws {
            let checkout = try Checkout()
            try checkout.have("hangs")
            let process = try checkout.site.start(checkout.root + "/compose/up", [])
            try await eventually("it compiles", within: .seconds(10)) {
                (try? checkout.builds().count) == 1
            }
            process.signal(signal)
            #expect(try await process.waitForExit(within: .seconds(5)) == .status(130))
            try await eventually("nothing is left", within: .seconds(5)) { checkout.site.processes().isEmpty }
            try FileManager.default.removeItem(atPath: checkout.root + "/hangs")
            #expect(try await checkout.up().status == 0)
            #expect(try checkout.builds().count == 2)
        }

        /// What the variable leaves of the package: everything in Sources, nothing of Tests.
        @Test func package_forTheProgramsOnly_hasNoTests() async throws {
            let scratch = try TemporaryDirectory()
            var environment = ProcessInfo.processInfo.environment
            environment["P2PMSG_PROGRAMS_ONLY"] = "1"
            environment["TMPDIR"] = scratch.path
            let process = try TestProcess(
                "/usr/bin/env",
                [
                    "swift", "package", "--package-path", Binaries.packageRoot, "--scratch-path", scratch.path,
                    "dump-package",
                ], environment: environment)
            #expect(try await process.waitForExit(within: .seconds(50)) == .status(0), "\(process.transcript)")
            _ = await process.standardOutput.first(within: .seconds(5)) { _ in false }
            let package = try JSON(parsing: process.standardOutput.all.joined(separator: "\n"))
            let paths = try #require(package["targets"].array).compactMap { $0["path"].string }
            #expect(paths.count > 12)
            #expect(paths.filter { !$0.hasPrefix("Sources/") } == [])
            for service in ["RouterService", "ReceiverService", "RendererService", "ClientCLI"] {
                #expect(paths.contains("Sources/" + service))
            }
        }
    }
}
