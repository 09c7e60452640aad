import Bus
import Dispatch
import GRDB
import GRDBSQLite
import Glibc
import ReceiverStore
import Synchronization

/// How connections to a store are set up.
enum Connections {
    /// For the pool: one connection that writes, some that read, small page caches, no memory map.
    static func pool(patience: Patience) -> Configuration {
        var configuration = shared(patience: patience)
        configuration.journalMode = .wal
        configuration.maximumReaderCount = Limits.readers
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { db in
            try reserveSeals(db)
            let cache = db.configuration.readonly ? Limits.readerCacheKiB : Limits.writerCacheKiB
            try db.execute(sql: "PRAGMA cache_size = -\(cache)")
            try db.execute(sql: "PRAGMA mmap_size = 0")
        }
        return configuration
    }

    /// Runs the body on a connection of its own, which is closed then.
    static func alone<Value>(
        _ path: String, patience: Patience = Patience(), readonly: Bool = false, _ body: (Database) throws -> Value
    ) throws -> Value {
        var configuration = shared(patience: patience)
        configuration.readonly = readonly
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.inDatabase(body)
    }

    private static func shared(patience: Patience) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.busyMode = .callback { patience.wait(try: $0) }
        configuration.prepareDatabase { try reserveSeals($0) }
        return configuration
    }

    /// What this connection makes, a new store or a copy, gets room for a seal in each page.
    private static func reserveSeals(_ db: Database) throws {
        var bytes = Int32(PageSeal.bytes)
        let status = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes)
        guard status == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: status)) }
    }

    /// Makes the connections that read, which the pool would do when they are needed: there might be no file descriptors
    /// left then.
    static func openReaders(of pool: DatabasePool) throws {
        let failure = Mutex<(any Error)?>(nil)
        let all = DispatchGroup()
        for _ in 0..<Limits.readers { all.enter() }
        for _ in 0..<Limits.readers {
            pool.asyncRead { connection in
                if case .failure(let error) = connection { failure.withLock { $0 = error } }
                all.leave()
                // Until the last one is there, so that none of them is used twice.
                all.wait()
            }
        }
        all.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// The pool sets `synchronous = NORMAL` when it opens, with which a commit survives the process but not the power.
    static func makeDurable(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Limits.checkpointPages)")
            try db.execute(sql: "PRAGMA journal_size_limit = \(Limits.logBytes)")
        }
    }
}

/// How long a connection waits for a lock that another one has.
///
/// SQLite's own handler sleeps up to 100 ms between two attempts, which two receivers on one store would feel: a
/// transaction takes one or two.
final class Patience: Sendable {
    private static let pauseMicroseconds: UInt32 = 500
    private let milliseconds = Atomic<Int64>(StoreLimits.busyMilliseconds)

    /// - Parameter count: attempts that failed before.
    /// - Returns: whether to try again.
    func wait(try count: Int) -> Bool {
        // A pause takes a little longer than asked for; the bound is one of attempts, not of exact time.
        let allowed = milliseconds.load(ordering: .relaxed) * 1_000 / Int64(Self.pauseMicroseconds)
        guard Int64(count) < allowed else { return false }
        usleep(Self.pauseMicroseconds)
        return true
    }

    /// From now on only a short wait: the process is ending.
    func shorten() {
        milliseconds.store(StoreLimits.busyMillisecondsAtEnd, ordering: .relaxed)
    }
}
