import GRDB
import Glibc
import ReceiverStore
import ServiceRuntime

extension SQLiteStore {
    func backUp(to copy: String) throws(StoreError) -> UInt64 {
        guard copy.hasPrefix("/"), !copy.hasSuffix("/") else {
            throw StoreError(.backupRefused, "cannot copy the store to \(SafeText.line(copy)): write an absolute path")
        }
        var status = stat()
        guard lstat(copy, &status) != 0 else {
            throw StoreError(.backupRefused, "cannot copy the store to \(SafeText.line(copy)): it is there already")
        }
        let partial = copy + ".partial"
        unlink(partial)
        do {
            // A connection of its own: it reads for as long as it takes, and nobody waits for it.
            try Connections.alone(path, readonly: true) { db in try Self.copy(db, to: partial) }
            guard rename(partial, copy) == 0 else { throw FileError.system(errno) }
            try Self.makeDurable(OpeningLock.directory(of: copy))
            guard stat(copy, &status) == 0 else { throw FileError.system(errno) }
            return UInt64(clamping: status.st_size)
        } catch {
            unlink(partial)
            let sqlite = error as? DatabaseError
            let code: StoreError.Code =
                switch sqlite?.resultCode {
                case .SQLITE_FULL, .SQLITE_IOERR, nil: .backupFailed
                default: .backupRefused
                }
            let reason = sqlite?.message ?? "\(error)"
            throw StoreError(code, "cannot copy the store to \(SafeText.line(copy)): \(reason)")
        }
    }

    /// Writes an intact copy of a store, whose pages have seals, to a file that is not there yet; durable at return.
    static func copy(_ db: Database, to path: String) throws {
        try SealVFS.expected.with(path) { try db.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        try makeDurable(path)
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
