import Foundation

/// One user's corner of a machine: a home, a data and a runtime directory, and a mark that every process started from
/// here carries in its environment, so that leftovers can be found whoever started them.
public final class TestSite: Sendable {
    public let directory: TemporaryDirectory
    public let environment: [String: String]
    private let mark: String

    public init(extra: [String: String] = [:]) throws {
        directory = try TemporaryDirectory()
        mark = "P2PMSG_TEST_SITE=\(directory.path)"
        for name in ["home", "data", "run"] {
            try FileManager.default.createDirectory(
                atPath: directory.file(name), withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        }
        environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
            "HOME": directory.file("home"), "XDG_DATA_HOME": directory.file("data"),
            "XDG_RUNTIME_DIR": directory.file("run"), "P2PMSG_TEST_SITE": directory.path,
        ].merging(extra) { $1 }
    }

    deinit {
        for pid in processes() { kill(pid, SIGKILL) }
    }

    /// The default bus endpoint under this site's runtime directory.
    public var bus: String { "ipc://" + directory.file("run/p2pmsg/router.ipc") }

    /// Starts one of the project's programs.
    public func start(_ program: String, _ arguments: [String], input: [UInt8]? = nil) throws -> TestProcess {
        try TestProcess(Binaries.path(program), arguments, environment: environment, input: input)
    }

    /// What a program said and how it ended.
    public struct Output: Sendable {
        public let status: Int32
        public let lines: [String]
        public let errors: [String]
        public let duration: Duration

        public var text: String { lines.joined(separator: "\n") }
        public var errorText: String { errors.joined(separator: "\n") }

        /// Every line of standard output as JSON.
        public func json() throws -> [JSON] { try lines.map { try JSON(parsing: $0) } }
    }

    /// Runs a program to its end. Death by a signal gives the status 128 + signal, as a shell reports it.
    public func run(
        _ program: String, _ arguments: [String], input: [UInt8]? = nil, within limit: Duration = .seconds(30)
    ) async throws -> Output {
        let start = ContinuousClock.now
        let process = try self.start(program, arguments, input: input)
        let exit = try await process.waitForExit(within: limit)
        let duration = ContinuousClock.now - start
        // The pipes may still hold the last lines.
        _ = await process.standardOutput.first(within: .seconds(5)) { _ in false }
        _ = await process.standardError.first(within: .seconds(5)) { _ in false }
        let status =
            switch exit {
            case .status(let status): status
            case .signal(let signal): 128 + signal
            }
        return Output(
            status: status, lines: process.standardOutput.all, errors: process.standardError.all, duration: duration)
    }

    /// Every living process that was started from here, by whomever.
    public func processes() -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            // Of processes that have just ended or belong to others it cannot be read.
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            return bytes.split(separator: 0).contains { $0.elementsEqual(mark.utf8) }
        }
    }

    /// The living processes of this site that run the program of this name.
    public func processes(named name: String) -> [pid_t] {
        processes().filter { pid in
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            let program = String(decoding: line.prefix { $0 != 0 }, as: UTF8.self)
            return (program as NSString).lastPathComponent == name
        }
    }
}
