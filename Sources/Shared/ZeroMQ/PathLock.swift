import Glibc

/// The right to bind one `ipc://` path.
///
/// libzmq unlinks whatever file it finds at the path and binds there, so a second process would silently take the
/// address of a running one. An exclusive `flock` on `<path>.lock` prevents that: it dies with the process, so what
/// `kill -9` leaves behind is no obstacle. The lock file stays: removing it would race with the next owner.
final class PathLock {
    let path: String
    private let descriptor: Int32

    init(path: String) throws(ZeroMQError) {
        try Directory.prepare(forSocketAt: path)
        let lockPath = path + ".lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("can't open the lock file \(lockPath)", errno: errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            close(descriptor)
            guard number == EWOULDBLOCK else { throw .system("can't lock \(lockPath)", errno: number) }
            throw ZeroMQError(.addressInUse, "another process is bound to ipc://\(path)")
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether the lock's file still has its name: once that was deleted, another process can lock a new one.
    var isInPlace: Bool {
        let file = FileIdentity(at: path + ".lock")
        return file != nil && file == FileIdentity(of: descriptor)
    }
}

/// The directory of a socket file.
enum Directory {
    /// Makes the directory (0700, with its parents) when it is missing, and refuses one where others could put
    /// something in the place of the socket.
    static func prepare(forSocketAt path: String) throws(ZeroMQError) {
        let directory = parent(of: path)
        try make(directory)
        var entry = stat()
        guard stat(directory, &entry) == 0 else {
            throw .system("can't read the directory \(directory)", errno: errno, as: .directoryUnsafe)
        }
        guard entry.st_mode & S_IFMT == S_IFDIR else {
            throw ZeroMQError(.directoryUnsafe, "\(directory) is not a directory")
        }
        guard entry.st_mode & 0o022 == 0 else {
            throw ZeroMQError(
                .directoryUnsafe,
                "others may write in \(directory), so they could take the place of the socket; use a directory of your "
                    + "own, or: chmod go-w \(directory)")
        }
        guard entry.st_uid == geteuid() || entry.st_uid == 0 else {
            throw ZeroMQError(.directoryUnsafe, "the directory \(directory) belongs to another user")
        }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func make(_ directory: String) throws(ZeroMQError) {
        if mkdir(directory, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, directory != "/" {
            try make(parent(of: directory))
            if mkdir(directory, 0o700) == 0 || errno == EEXIST { return }
        }
        throw .system("can't make the directory \(directory)", errno: errno, as: .directoryUnsafe)
    }
}

/// Which file a path names at the moment.
struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64

    /// nil when there is no file.
    init?(at path: String) {
        var entry = stat()
        guard lstat(path, &entry) == 0 else { return nil }
        self.init(entry)
    }

    init?(of descriptor: Int32) {
        var entry = stat()
        guard fstat(descriptor, &entry) == 0 else { return nil }
        self.init(entry)
    }

    private init(_ entry: stat) {
        device = UInt64(entry.st_dev)
        inode = UInt64(entry.st_ino)
    }
}
