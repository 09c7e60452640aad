import Foundation
import Synchronization

/// A started program: its output as lines to await, its end to await, and the promise that it does not outlive the test.
public final class TestProcess: Sendable {
    /// How a process ended.
    public enum Exit: Hashable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    public let pid: pid_t
    public let standardOutput = Mailbox<String>()
    public let standardError = Mailbox<String>()
    private let exit = Mailbox<Exit>()

    /// One start at a time: a pipe's end that is not yet marked close-on-exec must not slip into another child, which
    /// would keep the pipe open after its owner has ended.
    private static let starting = Mutex(())

    private static let running = Mutex<Set<pid_t>>([])

    /// Ends all that were started here and what they started: for a program that is told to end at once.
    public static func killAll() { running.withLock { for pid in $0 { kill(-pid, SIGKILL) } } }

    /// - Parameters:
    ///   - environment: the whole environment; nothing is inherited beside it.
    ///   - input: what the program reads on its standard input; nil: `/dev/null`.
    /// - Throws: ``SystemError`` when it cannot be started.
    public init(_ path: String, _ arguments: [String], environment: [String: String], input: [UInt8]? = nil) throws {
        let (output, error, source): (Pipe, Pipe, Pipe?)
        (pid, output, error, source) = try Self.starting.withLock { _ in
            let output = try Pipe.make()
            let error = try Pipe.make()
            let source = try input.map { _ in try Pipe.make() }
            defer {
                close(output.write)
                close(error.write)
                if let source { close(source.read) }
            }
            let pid = try Self.spawn(
                path, arguments, environment: environment, input: source?.read, output: output.write,
                error: error.write)
            Self.running.withLock { _ = $0.insert(pid) }
            return (pid, output, error, source)
        }
        if let source, let input { Self.feed(input, to: source.write) }
        Self.read(output.read, into: standardOutput)
        Self.read(error.read, into: standardError)
        Thread.detachNewThread { [pid, exit] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            Self.running.withLock { _ = $0.remove(pid) }
            let signal = status & 0x7F
            exit.append(signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal))
            exit.finish()
        }
    }

    deinit {
        // The group, so that a supervisor's children go too. Nothing happens when they are gone already.
        if exit.all.isEmpty { kill(-pid, SIGKILL) }
    }

    public var isRunning: Bool { exit.all.isEmpty }

    /// Sends a signal to the process alone, as a terminal's user or a supervisor would.
    public func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    /// The line of standard output that contains `pattern` (a regular expression).
    public func waitForLine(matching pattern: String, within limit: Duration) async throws -> String {
        let found = await standardOutput.first(within: limit) {
            $0.range(of: pattern, options: .regularExpression) != nil
        }
        guard let found else {
            throw NotInTime("no line like /\(pattern)/ within \(limit)\n\(transcript)")
        }
        return found.element
    }

    /// How it ended.
    /// - Throws: ``NotInTime`` when it still runs after `limit`.
    public func waitForExit(within limit: Duration) async throws -> Exit {
        guard let ended = await exit.first(within: limit) else {
            throw NotInTime("process \(pid) still runs after \(limit)\n\(transcript)")
        }
        return ended.element
    }

    /// Both outputs so far, for messages of failed tests.
    public var transcript: String {
        let output = standardOutput.all.suffix(30).map { "out| \($0)" }
        let error = standardError.all.suffix(60).map { "err| \($0)" }
        return (output + error).joined(separator: "\n")
    }
}

extension TestProcess {
    private struct Pipe {
        let read: Int32
        let write: Int32

        static func make() throws -> Pipe {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw SystemError("pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return Pipe(read: ends[0], write: ends[1])
        }
    }

    private static func spawn(
        _ path: String, _ arguments: [String], environment: [String: String], input: Int32?, output: Int32, error: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)

        // A group of its own, and signals as a shell would leave them: what the test runner blocks or ignores is its own
        // affair.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw SystemError("start \(path)", code: code) }
        return pid
    }

    private static func feed(_ bytes: [UInt8], to descriptor: Int32) {
        Foundation.signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            close(descriptor)
        }
    }

    private static func read(_ descriptor: Int32, into lines: Mailbox<String>) {
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            var line: [UInt8] = []
            while true {
                let count = Foundation.read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                for byte in buffer[..<count] {
                    if byte == UInt8(ascii: "\n") {
                        lines.append(String(decoding: line, as: UTF8.self))
                        line = []
                    } else {
                        line.append(byte)
                    }
                }
            }
            if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
            lines.finish()
            close(descriptor)
        }
    }
}
