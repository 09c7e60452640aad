import Glibc
import ServiceRuntime
import Synchronization

/// The running children. Signals and reaping go through one lock, so that a signal never reaches a process that
/// happens to have got a dead child's number.
final class ProcessTable: Sendable {
    private let running = Mutex<[Int: pid_t]>([:])

    /// Starts a process of a group of its own, so that Ctrl-C at the terminal reaches only us.
    /// - Parameters:
    ///   - child: the number to know it by; nothing of that number may be running.
    ///   - input: its standard input: the pipe that closes when we die.
    ///   - output: its standard output and error.
    /// - Returns: for ``awaitEnd(of:)``.
    func start(
        _ child: Int, path: String, arguments: [String], environment: [String: String], input: Int32, output: Int32
    ) throws(FailureReport) -> pid_t {
        var pid: pid_t = 0
        let code: Int32 = running.withLock { running in
            let code = ProcessTable.spawn(
                &pid, [path] + arguments, environment: environment, input: input, output: output)
            if code == 0 { running[child] = pid }
            return code
        }
        guard code == 0 else { throw FailureReport("cannot start \(path): \(describe(errno: code))") }
        return pid
    }

    /// Blocks until the process has ended, and leaves it to ``reap(_:)``.
    static func awaitEnd(of pid: pid_t) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// How the child ended; nil while it runs, and once that was told.
    func reap(_ child: Int) -> RestartPolicy.Ending? {
        running.withLock { running in
            var status: Int32 = 0
            guard let pid = running[child], waitpid(pid, &status, WNOHANG) == pid else { return nil }
            running[child] = nil
            let signal = status & 0x7F
            return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
        }
    }

    func isRunning(_ child: Int) -> Bool { running.withLock { $0[child] != nil } }

    var isEmpty: Bool { running.withLock { $0.isEmpty } }

    func signal(_ number: Int32, _ child: Int) {
        running.withLock { running in
            if let pid = running[child] { kill(pid, number) }
        }
    }

    func killAll() {
        running.withLock { running in
            for pid in running.values { kill(pid, SIGKILL) }
        }
    }

    private static func spawn(
        _ pid: inout pid_t, _ words: [String], environment: [String: String], input: Int32, output: Int32
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we ignore or block is our own affair.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        return posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &variables)
    }
}

/// The two ends of a pipe; neither reaches a child unless it is handed over. To be made where children are started,
/// never beside it: the mark that keeps them from a child is set a moment after they exist.
struct PipePair {
    let read: Int32
    let write: Int32

    init() throws(FailureReport) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FailureReport("cannot make a pipe: \(describe(errno: errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (read, write) = (ends[0], ends[1])
    }
}

enum OpenFiles {
    /// Closes all but the three standard streams in every child from now on. Our parent may have left files open,
    /// and a child that outlived them would hold their locks.
    static func keepFromChildren() {
        guard let directory = opendir("/proc/self/fd") else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
}
