import GRDB
import Glibc
import ReceiverStore
import ServiceRuntime
import Synchronization

extension SQLiteStore {
    func copy() throws(StoreError) -> any StoreCopy {
        let place = try CopyPlace(store: path)
        guard try place.lock() else { throw .copyUnderWay }
        do {
            try place.clean()
            try place.checkRoom(forCopyOf: path)
            let name = try place.emptyFile()
            // A connection of its own: it reads for as long as it takes, and nobody waits for it.
            try Connections.alone(path, readonly: true) { db in try Self.write(db, to: name) }
            return try SQLiteCopy(of: path, file: name, in: place)
        } catch {
            try? place.clean()
            let reason = (error as? DatabaseError)?.message ?? "\(error)"
            throw StoreError(.backupFailed, "cannot copy the store \(path): \(reason)")
        }
    }
}

/// A copy whose file has no name any more: it goes with the process, however that ends.
private final class SQLiteCopy: StoreCopy {
    let bytes: UInt64
    private let store: String
    /// Held, so that other receivers of the store make no copy meanwhile.
    private let place: CopyPlace
    /// nil once it was closed.
    private let descriptor: Mutex<Int32?>

    init(of store: String, file: String, in place: CopyPlace) throws {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileError.system(errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, unlink(file) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw FileError.system(number)
        }
        self.store = store
        self.place = place
        self.descriptor = Mutex(descriptor)
        bytes = UInt64(clamping: status.st_size)
    }

    deinit { close() }

    func read(from offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        let wanted = Int(min(UInt64(count), bytes - min(offset, bytes)))
        return try descriptor.withLock { descriptor throws(StoreError) in
            guard let descriptor else { throw .copyGone }
            var number: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, done in
                while done < wanted {
                    let rest = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[done..<wanted])
                    let read = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
                    if read < 0, errno == EINTR { continue }
                    number = read < 0 ? errno : read == 0 ? EIO : 0
                    guard number == 0 else { return }
                    done += read
                }
            }
            guard number == 0 else {
                throw StoreError(
                    .backupFailed, "cannot read the copy of the store \(store): \(describe(errno: number))")
            }
            return piece
        }
    }

    func close() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            Glibc.close(open)
            descriptor = nil
            place.unlock()
        }
    }
}

/// Where copies of a store are made: a directory beside it that nobody else can enter. A lock on it says that a receiver of
/// the store is making one, or holds one.
final class CopyPlace: Sendable {
    private let path: String
    private let descriptor: Int32

    init(store: String) throws(StoreError) {
        path = SealVFS.canonical(store) + ".copying"
        func trouble(_ what: String) -> StoreError {
            StoreError(.backupFailed, "cannot copy the store \(store): \(what)")
        }
        do throws(FailureReport) {
            try PrivateDirectory.create(path)
            try PrivateDirectory.verify(path)
        } catch {
            throw trouble(error.message)
        }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw trouble("\(path): \(describe(errno: errno))") }
    }

    deinit { close(descriptor) }

    /// Removes what a receiver left that was killed while it made a copy.
    static func clean(store: String) {
        guard access(SealVFS.canonical(store) + ".copying", F_OK) == 0, let place = try? CopyPlace(store: store),
            (try? place.lock()) == true
        else { return }
        try? place.clean()
    }

    /// - Returns: false where another receiver has it.
    func lock() throws(StoreError) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EWOULDBLOCK { return false }
            guard number == EINTR else {
                throw StoreError(.backupFailed, "cannot lock \(path): \(describe(errno: number))")
            }
        }
        return true
    }

    func unlock() { flock(descriptor, LOCK_UN) }

    /// A copy never takes the last of the disk, which the store needs.
    ///
    /// - Throws: `backupFailed`.
    func checkRoom(forCopyOf store: String) throws {
        var file = stat()
        guard stat(store, &file) == 0, let space = DiskReserve.Space(at: store) else { throw FileError.system(errno) }
        let needed = UInt64(clamping: file.st_size) + space.reserve
        guard space.free >= needed else {
            throw StoreError(
                .backupFailed,
                "\(needed) bytes have to be free beside it, and \(space.free) are; without them, stop the node and copy "
                    + "the file")
        }
    }

    /// For the one who has the lock.
    func clean() throws {
        if unlink(file) != 0, errno != ENOENT { throw FileError.system(errno) }
    }

    /// A new file that only its owner can read, as SQLite would not make it.
    func emptyFile() throws -> String {
        let made = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard made >= 0 else { throw FileError.system(errno) }
        close(made)
        return file
    }

    private var file: String { path + "/copy" }
}
