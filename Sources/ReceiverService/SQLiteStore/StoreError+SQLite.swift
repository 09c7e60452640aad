import GRDB
import ReceiverStore
import ServiceRuntime

extension StoreError {
    /// What an error of GRDB means for this store.
    init(_ error: any Error, path: String) {
        if let known = error as? StoreError {
            self = known
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, "the store \(path) failed: \(error)")
            return
        }
        let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .notADatabase(path)
        case .SQLITE_CORRUPT: self = .damaged(path, detail)
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_DATA:
            self = Damage.last(of: path).map { .damaged(path, $0) } ?? .damaged(path, "a page is not what was written")
        case .SQLITE_FULL: self.init(.diskFull, "no space left for the store \(path)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "the store \(path) is locked by another process for too long")
        case .SQLITE_READONLY, .SQLITE_PERM: self.init(.notWritable, "the store \(path) is not writable: \(detail)")
        case .SQLITE_CANTOPEN where OpenFileLimit.isReached:
            self.init(
                .noDescriptors,
                "no file descriptors left to open the store \(path): raise the limit (LimitNOFILE=, ulimit -n)")
        case .SQLITE_CANTOPEN, .SQLITE_AUTH: self.init(.unreadable, "cannot open the store \(path): \(detail)")
        default: self.init(.failed, "the store \(path) failed: \(detail)")
        }
    }

    /// - Parameter what: what is wrong, without a full stop.
    static func damaged(_ path: String, _ what: String) -> StoreError {
        StoreError(
            .damaged,
            "the store \(path) is damaged: \(what); "
                + "save what is intact with: p2pmsg-receiver --salvage --store \(path) > rescued.jsonl, "
                + "move the store away, and import into a new one with: p2pmsg import rescued.jsonl")
    }

    static func damaged(_ path: String, _ place: Damage.Place) -> StoreError { .damaged(path, place.sentence) }

    static func reserveReached(_ path: String) -> StoreError {
        StoreError(
            .diskFull,
            "no space left for the store \(path): a tenth of the disk, or 1 GB where that is less, is kept free")
    }

    static func notADatabase(_ path: String) -> StoreError {
        StoreError(.notADatabase, "\(path) is not a store: it is no SQLite database")
    }

    static func notWritable(_ path: String, _ number: Int32) -> StoreError {
        StoreError(.notWritable, "the store \(path) is not writable: \(describe(errno: number))")
    }

    static func unreadable(_ path: String, _ number: Int32) -> StoreError {
        StoreError(.unreadable, "cannot open the store \(path): \(describe(errno: number))")
    }

    static func foreign(_ path: String) -> StoreError {
        StoreError(.foreign, "\(path) is not a p2pmsg store: it is the SQLite database of another program")
    }

    static func newer(_ path: String) -> StoreError {
        StoreError(.newer, "the store \(path) was written by a newer p2pmsg; upgrade")
    }
}
