import GRDB
import Glibc
import ReceiverStore
import ServiceRuntime

extension SQLiteStore {
    /// Writes an intact copy of a store, whose pages have seals, to a file that is not there yet; durable at return.
    static func copy(_ db: Database, to path: String) throws {
        try write(db, to: path)
        try makeDurable(path)
    }

    /// The same, not durable, and the file may be there if it is empty.
    static func write(_ db: Database, to path: String) throws {
        try SealVFS.expected.with(path) { try db.execute(sql: "VACUUM INTO ?", arguments: [path]) }
    }

    /// Gives every page of a store a seal: of one that an older p2pmsg made, or in which another program has written.
    ///
    /// A copy is written beside it and takes its place at once; until then the store is as it was.
    static func seal(path: String, patience: Patience) throws {
        // Where a link leads, because that is what is replaced.
        let path = SealVFS.canonical(path)
        let copy = "\(path).sealing"
        unlink(copy)
        do {
            try Connections.alone(path, patience: patience) { db in
                try leaveLog(db, path: path)
                let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
                guard problems == ["ok"] else {
                    throw StoreError.damaged(path, problems.first ?? "its integrity cannot be checked")
                }
                try Self.copy(db, to: copy)
            }
        } catch {
            unlink(copy)
            throw error
        }
        try replace(path, by: copy)
    }

    /// Works only when nobody else has the store open, and keeps it so: whoever opens it waits for ``OpeningLock``.
    private static func leaveLog(_ db: Database, path: String) throws {
        let mode: String?
        do {
            mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            mode = nil
        }
        guard mode == "delete" else {
            throw StoreError(
                .locked,
                "the store \(path) is to be given checksums, which needs it alone: stop its other receivers and start again"
            )
        }
    }

    private static func replace(_ path: String, by copy: String) throws {
        var status = stat()
        if stat(path, &status) == 0 { chmod(copy, status.st_mode & 0o777) }
        guard rename(copy, path) == 0 else {
            let number = errno
            unlink(copy)
            throw StoreError.notWritable(path, number)
        }
        try makeDurable(OpeningLock.directory(of: path))
    }

    /// Makes a file, or the names in a directory, durable.
    static func makeDurable(_ path: String) throws(StoreError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path, errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreError(.failed, "cannot write \(path): \(describe(errno: errno))")
        }
    }
}
