import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Services that have users of their own on one bus. What systemd or a container would set up, this does as root.
    @Suite("Users", .timeLimit(.minutes(2)), .enabled(if: geteuid() == 0, "taking other users needs root"))
    struct UsersTests {
        private enum User: UInt32, CaseIterable {
            case router = 40_001
            case receiver, renderer, client, stranger

            static let group: UInt32 = 40_000
        }

        private let site: TestSite
        private let bus: String

        init() throws {
            site = try TestSite()
            bus = "ipc://" + site.directory.file("bus/router.ipc")
            chmod(site.directory.path, 0o711)
            for (name, user, mode) in [
                ("bus", User.router, 0o750), ("asked", .receiver, 0o750), ("store", .receiver, 0o700),
                ("switches", .router, 0o700), ("keys-client", .client, 0o700), ("keys-receiver", .receiver, 0o700),
            ] {
                try FileManager.default.createDirectory(
                    atPath: site.directory.file(name), withIntermediateDirectories: false,
                    attributes: [.posixPermissions: mode])
                try #require(chown(site.directory.file(name), user.rawValue, User.group) == 0)
            }
        }

        /// A program as a user of the group, without privileges.
        private func start(_ program: String, _ arguments: [String], as user: User) throws -> TestProcess {
            let group = user == .stranger ? 40_009 : User.group
            let identity = ["--reuid=\(user.rawValue)", "--regid=\(group)", "--clear-groups", "--no-new-privs"]
            return try TestProcess(
                try Binaries.installed("setpriv"), identity + [Binaries.path(program)] + arguments,
                environment: site.environment)
        }

        private func cli(_ arguments: [String], as user: User) async throws -> (exit: TestProcess.Exit, said: String) {
            let process = try start(
                Binaries.client,
                arguments + ["--bus", bus, "--keys", site.directory.file("keys-\(user)"), "--timeout", "10s"], as: user)
            let exit = try await process.waitForExit(within: .seconds(20))
            for output in [process.standardOutput, process.standardError] {
                _ = await output.first(within: .seconds(5)) { _ in false }
            }
            return (exit, (process.standardOutput.all + process.standardError.all).joined(separator: "\n"))
        }

        private func startServices() throws -> [TestProcess] {
            let roles = [
                "none=\(User.router.rawValue)", "receiver=\(User.receiver.rawValue)",
                "renderer=\(User.renderer.rawValue)", "client=\(User.client.rawValue)",
            ].flatMap { ["--bus-role", $0] }
            let shared = ["--bus", bus, "--bus-group", "\(User.group)"] + roles
            return [
                try start(
                    Binaries.router,
                    shared + [
                        "--udp", "127.0.0.1:\(try FreePort.udp())", "--state", site.directory.file("switches/switches"),
                    ], as: .router),
                try start(
                    Binaries.receiver,
                    shared + [
                        "--listen", "ipc://" + site.directory.file("asked"),
                        "--store", site.directory.file("store/store.sqlite"),
                    ], as: .receiver),
            ]
        }

        /// What a service that was taken over could try with the bus, each with the user that the system knows it as.
        @Test func users_mayDoWhatTheirRoleSays_andStrangersNothing() async throws {
            let services = try startServices()
            let sent = try await cli(["send", "hello", "--json"], as: .client)
            #expect(sent.exit == .status(0), "\(sent.said)\n\(services.map(\.transcript))")
            let id = try #require(sent.said.firstMatch(of: /"id":"([0-9a-f]{64})"/)).output.1
            #expect(try await cli(["list"], as: .renderer).said.contains("hello"))
            for words in [["hide", String(id)], ["backup", "-"], ["dead"]] {
                let refused = try await cli(words, as: .renderer)
                #expect(refused.exit != .status(0) && refused.said.contains("the role renderer"), "\(refused.said)")
            }
            for words in [["status"], ["hide", String(id)]] {
                let refused = try await cli(words, as: .router)
                #expect(refused.exit != .status(0) && refused.said.contains("the role none"), "\(refused.said)")
            }
            let refused = try await cli(["send", "from the receiver"], as: .receiver)
            #expect(refused.exit != .status(0) && refused.said.contains("the role receiver"), "\(refused.said)")
            let away = try await cli(["status"], as: .stranger)
            #expect(away.exit == .status(1) && away.said.contains("is not there"), "\(away.said)")
            #expect(try await cli(["hide", String(id)], as: .client).exit == .status(0))
            for service in services {
                service.signal(SIGTERM)
                #expect(try await service.waitForExit(within: .seconds(6)) == .status(0), "\(service.transcript)")
            }
        }
    }
}
