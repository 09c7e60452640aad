import GRDB
import Glibc
import ReceiverStore

/// What a store leaves free of the file system that it is on, so that a flood never fills the disk.
struct DiskReserve: Sendable {
    /// Bytes of a file system.
    struct Space: Sendable {
        var free: UInt64
        var all: UInt64

        /// What is never used up.
        var reserve: UInt64 { min(all / Limits.reservedPart, Limits.reservedBytes) }
    }

    enum Room: Sendable {
        case enough
        /// Not for strangers.
        case scarce
        case none
    }

    /// nil: nobody knows, and then the disk itself tells when it is full.
    private let space: @Sendable () -> Space?

    init(_ space: @escaping @Sendable () -> Space?) { self.space = space }

    init(path: String) {
        self.init {
            var status = statvfs()
            guard statvfs(path, &status) == 0 else { return nil }
            return Space(
                free: UInt64(status.f_bavail) * UInt64(status.f_frsize),
                all: UInt64(status.f_blocks) * UInt64(status.f_frsize))
        }
    }

    /// For a transaction that adds to the store.
    func room(in db: Database) throws -> Room {
        guard let space = space(), space.free < (1 + Limits.strangersReserves) * space.reserve else { return .enough }
        guard space.free < space.reserve else { return .scarce }
        // What was dropped leaves room in the file, which does not grow then.
        let unused = try UInt64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        return unused * UInt64(PageSource.usualPageBytes) >= Limits.usedAgainBytes ? .scarce : .none
    }
}
