import Glibc
import ServiceRuntime
import TestSupport
import Testing

@Suite struct PathsTests {
    @Test func variables_decide() {
        let paths = Paths(
            environment: ["XDG_RUNTIME_DIR": "/run/user/7", "XDG_DATA_HOME": "/d", "HOME": "/h"], userID: 7)
        #expect(paths.defaultBus == "ipc:///run/user/7/p2pmsg/router.ipc")
        #expect(paths.defaultStore == "/d/p2pmsg/store.sqlite")
    }

    @Test func variablesAbsentOrRelative_defaultsOfTheSpecificationHold() {
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": "run", "HOME": "/h"], userID: 7, logins: "/nowhere")
        #expect(paths.defaultBus == "ipc:///tmp/p2pmsg-7/router.ipc")
        #expect(paths.dataDirectory == "/h/.local/share/p2pmsg")
    }

    /// As cron starts it: with the directory of a login, or without one.
    @Test func withoutTheVariable_theNodeOfTheSameUserIsFound() throws {
        let directory = try TemporaryDirectory()
        let (logins, temporary) = (directory.file("run"), directory.file("tmp"))
        let login = "\(logins)/\(getuid())"
        func paths(_ environment: [String: String]) -> Paths {
            Paths(environment: environment, userID: getuid(), logins: logins, temporary: temporary)
        }
        #expect(paths([:]).servedBus == "ipc://\(temporary)/p2pmsg-\(getuid())/router.ipc")
        try PrivateDirectory.create(login)
        #expect(paths([:]).servedBus == paths(["XDG_RUNTIME_DIR": login]).servedBus)
        #expect(paths([:]).defaultBus == "ipc://\(login)/p2pmsg/router.ipc")

        // A node that was started before the login is where it was then.
        let early = "\(temporary)/p2pmsg-\(getuid())"
        try PrivateDirectory.create(early)
        let listener = try #require(UnixListener(early + "/router.ipc"))
        for environment in [[:], ["XDG_RUNTIME_DIR": login]] {
            #expect(paths(environment).servedBus == "ipc://\(early)/router.ipc")
        }
        #expect(paths(["XDG_RUNTIME_DIR": directory.file("own")]).servedBus.contains("/own/"))
        // What a killed router left is not taken for one that runs, and one that runs comes first.
        try PrivateDirectory.create(login + "/p2pmsg")
        #expect(creat(login + "/p2pmsg/router.ipc", 0o600) >= 0)
        #expect(paths([:]).servedBus == "ipc://\(early)/router.ipc")
        unlink(login + "/p2pmsg/router.ipc")
        let second = try #require(UnixListener(login + "/p2pmsg/router.ipc"))
        #expect(paths([:]).servedBus == paths([:]).defaultBus)
        // Others could have made it.
        unlink(login + "/p2pmsg/router.ipc")
        chmod(early, 0o755)
        #expect(paths([:]).servedBus == paths([:]).defaultBus)
        withExtendedLifetime((listener, second)) {}
    }

    @Test func missingDirectoryOfTheBus_isCreatedForItsOwnerOnly() throws {
        let directory = try TemporaryDirectory()
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": directory.file("run")], userID: getuid())
        try paths.prepare(bus: paths.defaultBus)
        var status = stat()
        #expect(stat(directory.file("run/p2pmsg"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        try paths.prepare(bus: paths.defaultBus)
    }

    @Test func runtimeDirectoryOpenToOthers_isRefusedWithTheCommandThatClosesIt() throws {
        let directory = try TemporaryDirectory()
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": directory.path], userID: getuid())
        try paths.prepare(bus: paths.defaultBus)
        chmod(paths.runtimeDirectory, 0o755)
        let error = try #require(throws: FailureReport.self) { try paths.prepare(bus: paths.defaultBus) }
        #expect(error.message.hasSuffix("close it with: chmod 700 \(paths.runtimeDirectory)"))
    }

    @Test func directoryOfAGroup_isOpenToItsMembersAlone() throws {
        let directory = try TemporaryDirectory()
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": directory.path], userID: getuid())
        let group = try SystemGroup("\(getegid())")
        for _ in 0..<2 { try paths.prepare(bus: paths.defaultBus, group: group) }
        var status = stat()
        #expect(stat(paths.runtimeDirectory, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o750 && status.st_gid == group.id)
        try PrivateDirectory.verify(paths.runtimeDirectory, group: group)
        // Without the setting, or with another group, it is somebody's way in.
        #expect(throws: FailureReport.self) { try PrivateDirectory.verify(paths.runtimeDirectory) }
        let other = SystemGroup(name: "other", id: group.id + 1)
        #expect(throws: FailureReport.self) { try PrivateDirectory.verify(paths.runtimeDirectory, group: other) }
        for mode: mode_t in [0o770, 0o755, 0o751, 0o754] {
            chmod(paths.runtimeDirectory, mode)
            #expect(throws: FailureReport.self) { try PrivateDirectory.verify(paths.runtimeDirectory, group: group) }
        }
        unlink(paths.runtimeDirectory)
    }

    @Test(arguments: [0o755, 0o711, 0o1777, 0o750] as [mode_t])
    func directoryThatIsNotClosed_keepsItsGroupAndMode(mode: mode_t) throws {
        let directory = try TemporaryDirectory()
        chmod(directory.path, mode)
        var before = stat()
        var after = stat()
        #expect(stat(directory.path, &before) == 0)
        let group = SystemGroup(name: "wall", id: getegid() + 1)
        let error = try #require(throws: FailureReport.self) {
            try Paths().prepare(bus: "ipc://" + directory.file("router.ipc"), group: group)
        }
        #expect(error.message.hasPrefix("others can enter the directory \(directory.path), so it is left as it is"))
        #expect(stat(directory.path, &after) == 0)
        #expect(after.st_mode == before.st_mode && after.st_gid == before.st_gid)
    }

    @Test func runtimeDirectoryIsALink_isRefused() throws {
        let directory = try TemporaryDirectory()
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": directory.path], userID: getuid())
        #expect(symlink("/tmp", paths.runtimeDirectory) == 0)
        let error = try #require(throws: FailureReport.self) { try paths.prepare(bus: paths.defaultBus) }
        #expect(error.message == "\(paths.runtimeDirectory) is not a directory")
    }
}

/// Somebody who listens at a socket file.
private final class UnixListener {
    private let descriptor: Int32

    init?(_ path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isBound, listen(descriptor, 8) == 0 else { return nil }
    }

    deinit { close(descriptor) }
}
