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
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": "run", "HOME": "/h"], userID: 7)
        #expect(paths.defaultBus == "ipc:///tmp/p2pmsg-7/router.ipc")
        #expect(paths.dataDirectory == "/h/.local/share/p2pmsg")
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

    @Test func runtimeDirectoryIsALink_isRefused() throws {
        let directory = try TemporaryDirectory()
        let paths = Paths(environment: ["XDG_RUNTIME_DIR": directory.path], userID: getuid())
        #expect(symlink("/tmp", paths.runtimeDirectory) == 0)
        let error = try #require(throws: FailureReport.self) { try paths.prepare(bus: paths.defaultBus) }
        #expect(error.message == "\(paths.runtimeDirectory) is not a directory")
    }
}
