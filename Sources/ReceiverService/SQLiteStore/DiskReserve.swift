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

    /// Whose messages there is room for.
    enum Room: Int, Sendable {
        case none
        case known
        /// And for those who are known.
        case settled
        case enough

        func admits(_ standing: Standing) -> Bool {
            switch standing {
            case .known: self != .none
            case .settled: self == .settled || self == .enough
            case .stranger: self == .enough
            }
        }
    }

    /// nil: nobody knows, and then the disk itself tells when it is full.
    private let space: @Sendable () -> Space?

    init(_ space: @escaping @Sendable () -> Space?) { self.space = space }

    init(path: String) {
        self.init { Space(at: path) }
    }

    /// - Throws: ``StoreError`` where a store of an earlier version cannot be brought up to date.
    func checkRoom(toConvert path: String) throws {
        var status = stat()
        guard let space = space(), stat(path, &status) == 0 else { return }
        let needed = UInt64(clamping: status.st_size) * Limits.conversionParts + space.reserve
        guard space.free < needed else { return }
        throw StoreError(
            .diskFull,
            "cannot bring the store \(path) up to date: it takes \(needed) bytes of free disk meanwhile, and \(space.free) "
                + "are free; the store is as it was")
    }

    /// For a transaction that adds to the store.
    func room(in db: Database) throws -> Room {
        guard let space = space(), let room = Room(rawValue: Int(clamping: space.free / max(1, space.reserve))),
            room != .enough
        else { return .enough }
        // What was dropped leaves room in the file, which does not grow then.
        let unused = try UInt64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        guard unused * UInt64(PageSource.usualPageBytes) >= Limits.usedAgainBytes else { return room }
        return Room(rawValue: room.rawValue + 1) ?? .enough
    }
}

extension DiskReserve.Space {
    /// Of the file system that a file is on; nil, with the reason in `errno`, where that cannot be told.
    init?(at path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        self.init(
            free: UInt64(status.f_bavail) * UInt64(status.f_frsize),
            all: UInt64(status.f_blocks) * UInt64(status.f_frsize))
    }
}
