import Glibc
import ReceiverStore
import ServiceRuntime

/// Receivers of one store that start together open it one after the other: neither the change to write-ahead logging nor
/// the migrations can be made by two at a time.
///
/// The lock is on the store's directory. One on the file itself would end, when it is given back, the locks that SQLite
/// holds there (POSIX: closing any descriptor of a file drops all of the process's record locks on it).
struct OpeningLock: ~Copyable {
    private static let pauseMicroseconds: UInt32 = 2_000
    /// Five minutes: to bring a store of some millions up to date may take that long.
    private static let attempts = 150_000

    private let descriptor: Int32

    /// Makes the directory (0700) when it is missing.
    init(store path: String) throws(StoreError) {
        let directory = Self.directory(of: path)
        do throws(FailureReport) {
            try PrivateDirectory.create(directory)
        } catch {
            throw StoreError(.notWritable, "cannot make the store \(path): \(error.message)")
        }
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(.unreadable, "cannot open the store \(path): \(directory): \(describe(errno: errno))")
        }
        for _ in 0..<Self.attempts {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                self.descriptor = descriptor
                return
            }
            let number = errno
            guard number == EWOULDBLOCK || number == EINTR else {
                close(descriptor)
                throw StoreError(.unreadable, "cannot lock \(directory): \(describe(errno: number))")
            }
            usleep(Self.pauseMicroseconds)
        }
        close(descriptor)
        throw StoreError(.locked, "the store \(path) is being opened by another receiver for too long")
    }

    deinit { close(descriptor) }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
