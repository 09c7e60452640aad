import GRDB
import GRDBSQLite
import Messages
import TextSearch

import enum Bus.Query

/// Finds the newest messages that hold what is searched for.
///
/// Few matches are all looked up, once, and sorted. Of many, some are probably among the newest messages: those are looked
/// through first, and all matches are only sorted where they are not.
struct WordSearch {
    /// When all matches are sorted, and how far is looked before.
    struct Effort {
        var sortedMatches = Limits.sortedMatches
        var walkedMessages = Limits.walkedMessages
    }

    private let query: Query.Timeline
    private let effort: Effort
    /// Nil where nothing is left to look for of the words.
    private let expression: String?
    private let db: Database

    init(_ search: SearchQuery, within query: Query.Timeline, effort: Effort = Effort(), in db: Database) {
        self.query = query
        self.effort = effort
        self.db = db
        expression = Self.expression(for: SearchPattern(search))
    }

    /// - Returns: the positions, in the order of a page.
    func positions(limit: Int) throws -> [Int64] {
        guard let expression else { return [] }
        let statement = try db.cachedStatement(sql: "SELECT rowid FROM words WHERE words MATCH ? LIMIT ?")
        let matches = try Int64.fetchAll(statement, arguments: [expression, effort.sortedMatches + 1])
        guard matches.count > effort.sortedMatches else {
            return try fetch(.positions(query, among: matches, limit: limit))
        }
        return try walk(expression, limit: limit)
            ?? fetch(.positions(query, matching: expression, limit: limit))
    }

    /// The index is asked once, for the stretch in which the newest messages came; what is in it besides is passed over.
    ///
    /// - Returns: nil where the newest messages don't fill a page.
    private func walk(_ expression: String, limit: Int) throws -> [Int64]? {
        let newest = try fetch(.positions(query, limit: effort.walkedMessages))
        guard let first = newest.min(), let last = newest.max() else { return [] }
        let statement = try db.cachedStatement(
            sql: "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?")
        let matches = try Int64.fetchSet(statement, arguments: [expression, first, last])
        let found = newest.filter(matches.contains).prefix(limit)
        return found.count == limit || newest.count < effort.walkedMessages ? Array(found) : nil
    }

    private func fetch(_ timeline: Timeline) throws -> [Int64] {
        try Int64.fetchAll(db.cachedStatement(sql: timeline.sql), arguments: timeline.arguments)
    }

    /// What FTS5 is asked: words have neither white space nor quotation marks in them, so they are safe between those.
    static func expression(for search: SearchPattern) -> String? {
        guard !search.wanted.isEmpty else { return nil }
        func text(_ phrase: SearchPattern.Phrase) -> String {
            "\"\(phrase.words.joined(separator: " "))\"" + (phrase.isPrefix ? "*" : "")
        }
        let wanted = search.wanted.map(text).joined(separator: " AND ")
        return "(\(wanted))" + search.unwanted.map { " NOT \(text($0))" }.joined()
    }
}

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
