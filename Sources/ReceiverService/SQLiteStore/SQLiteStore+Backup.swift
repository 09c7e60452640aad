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
            var configuration = Connections.shared(patience: Patience())
            configuration.readonly = true
            let reader = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? reader.close() }
            try reader.inDatabase { db in try Self.copy(db, to: partial) }
            guard rename(partial, copy) == 0 else { throw SystemFailure(errno) }
            try Self.makeDurable(OpeningLock.directory(of: copy))
            guard stat(copy, &status) == 0 else { throw SystemFailure(errno) }
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
}

/// A call of the system failed.
struct SystemFailure: Error, CustomStringConvertible {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    var description: String { describe(errno: number) }
}
