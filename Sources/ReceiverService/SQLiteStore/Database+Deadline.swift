import GRDB
import GRDBSQLite

extension Database {
    /// Runs statements that end when they take too long.
    ///
    /// - Throws: what `body` throws; `SQLITE_INTERRUPT` when the time is over.
    func within<Value>(_ limit: Duration, _ body: () throws -> Value) throws -> Value {
        var deadline = ContinuousClock.now + limit
        let connection = sqliteConnection
        return try withUnsafeMutablePointer(to: &deadline) { pointer in
            // Every few thousand steps of SQLite's machine: some ten thousand times a second.
            sqlite3_progress_handler(
                connection, 5_000,
                { context in
                    let deadline = context?.assumingMemoryBound(to: ContinuousClock.Instant.self).pointee
                    return deadline.map { $0 < .now } == true ? 1 : 0
                }, pointer)
            defer { sqlite3_progress_handler(connection, 0, nil, nil) }
            return try body()
        }
    }
}
