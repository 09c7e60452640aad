import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import Synchronization
import TelehashWire

/// A store in an SQLite file. Any number of processes of one machine may have it open.
///
/// One transaction is written at a time; reads run beside it on connections of their own.
final class SQLiteStore: Store {
    let path: String
    let id: StoreID
    let pool: DatabasePool
    /// Told of the first damage that the store turns out to have.
    private let alarm = AsyncStream.makeStream(of: StoreError.self, bufferingPolicy: .bufferingOldest(1))
    /// Whether the seals of all pages were looked at when it was opened.
    let isChecked: Bool
    let disk: DiskReserve
    private let patience: Patience
    private let isClosed = Atomic(false)

    init(
        path: String, id: StoreID, pool: DatabasePool, patience: Patience, isChecked: Bool, disk: DiskReserve? = nil
    ) {
        self.disk = disk ?? DiskReserve(path: path)
        self.path = path
        self.id = id
        self.pool = pool
        self.patience = patience
        self.isChecked = isChecked
    }

    var place: String { path }

    /// Copies the write-ahead log into the database where nobody else uses it, and closes.
    func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        patience.shorten()
        // Another receiver may be writing; then the log is its to copy.
        _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        // The pool would close these last, and a connection that only reads cannot remove the log.
        pool.invalidateReadOnlyConnections()
        try? pool.close()
    }

    /// Runs the body on the connection that writes.
    ///
    /// - Throws: ``StoreError``, also when the store was closed: a transaction may still be on its way then.
    func writing<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try explaining {
            try pool.writeWithoutTransaction { db in
                try checkOpen()
                return try body(db)
            }
        }
    }

    private func checkOpen() throws {
        guard !isClosed.load(ordering: .acquiring) else { throw StoreError(.failed, "the store \(path) was closed") }
    }

    /// Runs the body on a connection that reads; each statement sees a state of its own.
    func reading<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try explaining { try pool.unsafeRead(body) }
    }

    /// One transaction. It begins with the write lock (`BEGIN IMMEDIATE`, as GRDB does it for all that write), so that
    /// receivers of one store take turns.
    func inTransaction<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try explaining {
            try pool.write { db in
                try checkOpen()
                return try body(db)
            }
        }
    }

    /// Runs the body and gives every error of SQLite its meaning.
    private func explaining<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw notice(error) }
    }

    /// What an error means for this store. Damage is remembered for the next start, and ends this one.
    @discardableResult
    func notice(_ error: any Error) -> StoreError {
        let error = StoreError(error, path: path)
        guard error.code == .damaged else { return error }
        if case .page(let number)? = Damage.last(of: path) { DamageMark(store: path).set(number) }
        alarm.continuation.yield(error)
        return error
    }

    func failure() async -> StoreError? {
        // Ends with this function.
        async let _ = checkPages()
        for await damage in alarm.stream { return damage }
        return nil
    }
}

extension SQLiteStore {
    func stored(among ids: [MessageID]) async throws(StoreError) -> Set<MessageID> {
        try reading { db in try Self.stored(among: ids, in: db) }
    }

    private static func stored(among ids: [MessageID], in db: Database) throws -> Set<MessageID> {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM messages WHERE \(byID())")
        var found: Set<MessageID> = []
        for id in ids where try Int.fetchOne(statement, arguments: [id.blob]) != nil { found.insert(id) }
        return found
    }

    func screening(of ids: [MessageID], by keys: Set<PublicKey>) async throws(StoreError) -> Screening {
        try reading { db in
            var (screening, rules) = (Screening(), try RuleReader(db))
            screening.stored = try Self.stored(among: ids, in: db)
            screening.blocked = try keys.filter { try rules.isBlocked($0) }
            screening.horizons = try Self.horizons(in: db)
            return screening
        }
    }

    private static func horizons(in db: Database) throws -> [NodeID: Int64] {
        let statement = try db.cachedStatement(sql: #"SELECT "end", horizon FROM channels WHERE horizon IS NOT NULL"#)
        return try GRDB.Row.fetchAll(statement).reduce(into: [:]) { horizons, row in
            if let end = NodeID(bytes: row[0] as Data) { horizons[end] = row[1] }
        }
    }

    func position() async throws(StoreError) -> UInt64 {
        try reading { db in try Self.number("position", in: db) }
    }

    func messages() async throws(StoreError) -> UInt64 {
        try reading { db in try Self.number("messages", in: db) }
    }

    /// One of the numbers that are kept of the whole store.
    static func number(_ column: String, in db: Database) throws -> UInt64 {
        UInt64(clamping: try Int64.fetchOne(db.cachedStatement(sql: "SELECT \(column) FROM store")) ?? 0)
    }

    func replicaPosition(of other: StoreID) throws(StoreError) -> UInt64 {
        try reading { db in
            let position = try Int64.fetchOne(
                db, sql: "SELECT position FROM replicas WHERE store = ?", arguments: [other.description])
            return UInt64(clamping: position ?? 0)
        }
    }

    func setReplicaPosition(of other: StoreID, to position: UInt64) throws(StoreError) {
        try writing { db in
            try db.execute(
                sql: """
                    INSERT INTO replicas (store, position) VALUES (?, ?)
                    ON CONFLICT (store) DO UPDATE SET position = excluded.position
                    """, arguments: [other.description, Int64(clamping: position)])
        }
    }
}

extension MessageID {
    var blob: Data { Data(bytes) }
}

extension NodeID {
    var blob: Data { Data(bytes) }
}
