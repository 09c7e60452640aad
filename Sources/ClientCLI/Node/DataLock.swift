import Glibc
import ServiceRuntime

/// The right to run a node on one data directory. Two nodes on one would share its store and its keys without knowing of
/// each other.
///
/// The lock ends with the process, so that what `kill -9` leaves is no hindrance; the file only says who has it.
final class DataLock: Sendable {
    static let fileName = "node.lock"
    private let descriptor: Int32

    /// - Throws: a report that names the process that has it.
    init(directory: String) throws(FailureReport) {
        let path = directory + "/" + DataLock.fileName
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FailureReport("cannot open \(path): \(describe(errno: errno))") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            guard number == EWOULDBLOCK else { throw FailureReport("cannot lock \(path): \(describe(errno: number))") }
            throw FailureReport(
                "a node runs on the data in \(directory) already\(DataLock.owner(descriptor)); stop it, or give this one "
                    + "its own --data")
        }
        let text = "\(getpid())\n"
        // Only for people: a full disk is no reason not to start.
        _ = ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit { close(descriptor) }

    /// ` (pid 123)`, where the file says so.
    private static func owner(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "" : " (pid \(String(decoding: digits, as: UTF8.self)))"
    }
}
