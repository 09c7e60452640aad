import Glibc

/// Where p2pmsg keeps its files when nothing else is said.
package struct Paths: Hashable, Sendable {
    /// `$XDG_RUNTIME_DIR/p2pmsg`, else the same in the directory that the variable would name for this user where there is
    /// one (`/run/user/UID`), else `/tmp/p2pmsg-UID`: sockets, gone after a reboot.
    package let runtimeDirectory: String
    /// Where a node of this user would be that was started with the variable while we have none, or the other way round.
    private let otherRuntimeDirectory: String?
    /// `$XDG_DATA_HOME/p2pmsg`, else `~/.local/share/p2pmsg`: stores and keys.
    package let dataDirectory: String

    /// As the XDG base directory specification demands, a relative path in a variable counts as absent.
    ///
    /// - Parameters:
    ///   - logins: where the system keeps the runtime directories of those who are logged in.
    ///   - temporary: where everybody may write.
    package init(
        environment: [String: String] = Environment.current, userID: UInt32 = getuid(), logins: String = "/run/user",
        temporary: String = "/tmp"
    ) {
        func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let login = "\(logins)/\(userID)"
        let named = absolute("XDG_RUNTIME_DIR")
        let standard = named ?? (PrivateDirectory.isOwned(login, by: userID) ? login : nil)
        let fallback = "\(temporary)/p2pmsg-\(userID)"
        runtimeDirectory = standard.map { $0 + "/p2pmsg" } ?? fallback
        // An explicit directory is used as it is.
        otherRuntimeDirectory = standard == login ? fallback : nil
        let home = absolute("HOME") ?? Paths.homeDirectory(of: userID) ?? "/var/lib"
        dataDirectory = (absolute("XDG_DATA_HOME") ?? home + "/.local/share") + "/p2pmsg"
    }

    /// The router's bus: `ipc://…/router.ipc` in the runtime directory.
    package var defaultBus: String { "ipc://\(runtimeDirectory)\(Paths.busName)" }

    /// The bus of the node that this user runs: the default one, unless nobody serves that and another one is.
    package var servedBus: String {
        guard let other = otherRuntimeDirectory, Paths.hasBus(other),
            !Paths.hasBus(runtimeDirectory) || !UnixSocket.isServed(runtimeDirectory + Paths.busName)
        else { return defaultBus }
        return "ipc://\(other)\(Paths.busName)"
    }

    private static let busName = "/router.ipc"

    /// Whether a router of ours is or was there.
    private static func hasBus(_ directory: String) -> Bool {
        do throws(FailureReport) { try PrivateDirectory.verify(directory) } catch { return false }
        return access(directory + busName, F_OK) == 0
    }

    /// The store of a receiver.
    package var defaultStore: String { dataDirectory + "/store.sqlite" }

    /// Where a router keeps the addresses of nodes that answered it.
    package var defaultState: String { dataDirectory + "/switches" }

    /// Creates the directory of an `ipc://` endpoint (0700) if it is missing. The runtime directory in /tmp is
    /// verified each time: whoever made it first could otherwise read the bus. Other endpoints need nothing.
    ///
    /// - Parameter group: is let in, too.
    package func prepare(bus endpoint: String, group: SystemGroup? = nil) throws(FailureReport) {
        guard endpoint.hasPrefix("ipc:///") else { return }
        guard let directory = directory(of: String(endpoint.dropFirst("ipc://".count))) else { return }
        try PrivateDirectory.create(directory)
        if let group { try PrivateDirectory.open(directory, to: group) }
        if group != nil || directory == runtimeDirectory { try PrivateDirectory.verify(directory, group: group) }
    }

    private static func homeDirectory(of userID: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4_096)
        guard getpwuid_r(userID, &entry, &buffer, buffer.count, &found) == 0, found != nil, let home = entry.pw_dir
        else { return nil }
        return String(cString: home)
    }
}

/// Directories that only their owner may enter.
package enum PrivateDirectory {
    /// Creates the directory and what is missing above it, each 0700. One that exists is left as it is.
    package static func create(_ path: String) throws(FailureReport) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let parent = directory(of: path) {
            try create(parent)
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw FailureReport("cannot create the directory \(path): \(describe(errno: errno))")
    }

    /// Whether there is such a directory, of this user.
    static func isOwned(_ path: String, by userID: UInt32) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == userID
    }

    /// Lets the members of a group enter a directory of ours (0750) that is closed, as one is that we have just made. Any
    /// other, such as /run, is there for more than the bus and is left as it is.
    package static func open(_ path: String, to group: SystemGroup) throws(FailureReport) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw FailureReport("cannot use the directory \(path): \(describe(errno: errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else {
            throw FailureReport("the directory \(path) belongs to another user")
        }
        let mode = status.st_mode & 0o777
        if status.st_gid == group.id, mode == 0o750 { return }
        guard mode == 0o700 else {
            throw FailureReport(
                "others can enter the directory \(path), so it is left as it is, and not given to the group \(group.name): "
                    + "name a directory that the bus has for itself; one that is missing is made")
        }
        guard fchown(descriptor, uid_t.max, group.id) == 0, fchmod(descriptor, 0o750) == 0 else {
            throw FailureReport(
                "cannot give the directory \(path) to the group \(group.name): \(describe(errno: errno)); is this user in it?"
            )
        }
    }

    /// Checks that the path is a directory of ours, not a link, and closed to everybody else.
    ///
    /// - Parameter group: its members may enter it.
    package static func verify(_ path: String, group: SystemGroup? = nil) throws(FailureReport) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw FailureReport("cannot use the directory \(path): \(describe(errno: errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw FailureReport("\(path) is not a directory") }
        guard status.st_uid == geteuid() else { throw FailureReport("the directory \(path) belongs to another user") }
        let isOpenToGroup = status.st_gid == group?.id && status.st_mode & 0o077 == 0o050
        guard status.st_mode & 0o077 == 0 || isOpenToGroup else {
            throw FailureReport("others can enter the directory \(path); close it with: chmod 700 \(path)")
        }
    }
}
