import Bus
import GRDB
import Glibc
import Messages
import ReceiverStore

/// A file that is, or is to be, a store in SQLite.
package struct SQLiteFile: StoreLocation {
    private let path: String

    /// - Parameter path: absolute, so that what is said of it means the same everywhere.
    package init(_ path: String) { self.path = path }

    package var place: String { path }

    package func open(channels: [Channel], progress: Progress) throws(StoreError) -> any Store {
        try SQLiteStore.open(path: path, channels: channels, progress: progress)
    }

    package func salvage(_ output: (StoredMessage) -> Bool) throws(StoreError) -> String {
        try Salvage.run(path: path, output: output).sentence(path: path)
    }
}

extension SQLiteStore {
    /// As ``StoreLocation/open(channels:progress:)``.
    ///
    /// - Parameters:
    ///   - path: the file; a missing directory is made (0700).
    ///   - disk: nil: the one that the file is on.
    static func open(
        path: String, channels: [Channel], disk: DiskReserve? = nil, progress: StoreLocation.Progress = { _, _ in }
    ) throws(StoreError) -> SQLiteStore {
        SealVFS.register()
        let patience = Patience()
        let lock = try OpeningLock(store: path)
        defer { _ = lock }
        CopyPlace.clean(store: path)
        do {
            let file = StoreFile(path: path)
            let exists = try file.exists()
            try file.closeToOthers()
            if !exists { try create(path: path, patience: patience) }
            var seals = try checked(path: path, patience: patience)
            if seals == .missing {
                try seal(path: path, patience: patience)
                seals = .whole
            }
            let pool = try DatabasePool(path: path, configuration: Connections.pool(patience: patience))
            try Connections.makeDurable(pool)
            let disk = disk ?? DiskReserve(path: path)
            try bringUpToDate(pool, path: path, disk, progress)
            let id = try pool.write { db in
                try name(channels, in: db)
                return try readID(db, path: path)
            }
            try Connections.openReaders(of: pool)
            return SQLiteStore(
                path: path, id: id, pool: pool, patience: patience, isChecked: seals == .whole, disk: disk)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Writes our mark into a new file, in the rollback journal: whatever happens later, the file itself says whose it is.
    private static func create(path: String, patience: Patience) throws {
        try Connections.alone(path, patience: patience) { db in
            try db.inTransaction(.exclusive) {
                let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
                if isEmpty { try db.execute(sql: "PRAGMA application_id = \(StoreHeader.applicationID)") }
                return .commit
            }
        }
    }

    /// A newer p2pmsg, or a hand that marked the store as one of its own, may have written pages in a way that we take for
    /// damage: then that it is newer is the news.
    private static func checked(path: String, patience: Patience) throws -> Seals {
        do {
            return try check(path: path, patience: patience)
        } catch {
            let known = StoreError(error, path: path)
            guard known.code == .damaged, isNewer(path: path, patience: patience) else { throw known }
            throw StoreError.newer(path)
        }
    }

    private static func isNewer(path: String, patience: Patience) -> Bool {
        SealVFS.trusted.with(path) {
            (try? Connections.alone(path, patience: patience, readonly: true) { db in try isNewer(db) }) ?? false
        }
    }

    private static func isNewer(_ db: Database) throws -> Bool {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        return try version > Migrations.version || Migrations.migrator().hasBeenSuperseded(db)
    }

    /// What has to hold before anything is written.
    private static func check(path: String, patience: Patience) throws -> Seals {
        try Connections.alone(path, patience: patience) { db in
            let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id")
            guard mark == Int32(bitPattern: StoreHeader.applicationID) else { throw StoreError.foreign(path) }
            guard try !isNewer(db) else { throw StoreError.newer(path) }
            // Takes the write lock and gives it back: fails on a file or disk that is read-only.
            try db.inTransaction(.immediate) { .rollback }
            // What a crash left in the log belongs into the file before its pages are looked at: some may be half
            // written. When other receivers are at work, one of them has done so.
            do {
                try db.checkpoint(.truncate)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
            return try checkSeals(db, path: path)
        }
    }

    /// Brings an older store up to date; until that has succeeded a copy of it lies beside it.
    private static func bringUpToDate(
        _ pool: DatabasePool, path: String, _ disk: DiskReserve, _ progress: StoreLocation.Progress
    ) throws {
        let version = try pool.read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
        if version > 0, version < Migrations.version {
            let copy = copyName(path, version)
            // Left by a try that failed before it had changed anything, or half written.
            unlink(copy)
            try disk.checkRoom(toConvert: path)
            try pool.writeWithoutTransaction { db in try Self.copy(db, to: copy) }
        }
        try Migrations.migrator().migrate(pool)
        try Conversion.complete(pool, progress: progress)
        try WordIndexing.complete(pool, progress: progress)
        // Also of a try before, which was interrupted when the copy was not needed any more.
        for version in 1..<Migrations.version { unlink(copyName(path, version)) }
    }

    private static func copyName(_ path: String, _ version: Int) -> String { "\(path).version-\(version)" }

    func name(_ channels: [Channel]) throws(StoreError) {
        try inTransaction { db in try Self.name(channels, in: db) }
    }

    /// Whatever other stores have of a channel that was not taken before was passed over when they were read: they are
    /// read once more.
    private static func name(_ channels: [Channel], in db: Database) throws {
        var news = 0
        for channel in channels {
            try db.execute(
                sql: """
                    INSERT INTO channels ("end", name, messages) VALUES (?, ?, 0)
                    ON CONFLICT ("end") DO UPDATE SET name = excluded.name WHERE name IS NOT excluded.name
                    """, arguments: [channel.end.blob, channel.name])
            news += db.changesCount
        }
        if news > 0 { try db.execute(sql: "UPDATE replicas SET position = 0") }
    }

    private static func readID(_ db: Database, path: String) throws -> StoreID {
        guard let text = try String.fetchOne(db, sql: "SELECT id FROM store"), let id = StoreID(text) else {
            throw StoreError.damaged(path, "it has no id")
        }
        return id
    }
}
