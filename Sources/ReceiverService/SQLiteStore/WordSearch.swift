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
        let statement = try db.cachedStatement(
            sql: """
                SELECT count(*), json_group_array(position)
                FROM (SELECT rowid AS position FROM words WHERE words MATCH ? LIMIT ?)
                """)
        let matches = try Row.fetchOne(statement, arguments: [expression, effort.sortedMatches + 1])
        if let matches, matches[0] <= effort.sortedMatches {
            return try positions(.positions(query, among: matches[1], limit: limit))
        }
        return try walk(expression, limit: limit)
            ?? positions(.positions(query, matching: expression, limit: limit))
    }

    /// The index is asked once, for the stretch in which the newest messages came; what is in it besides is passed over.
    ///
    /// - Returns: nil where the newest messages don't fill a page.
    private func walk(_ expression: String, limit: Int) throws -> [Int64]? {
        let newest = try fetch(.newest(query, limit: effort.walkedMessages)) {
            (position: $0[0] as Int64, place: $0[1] as Int64)
        }
        guard let first = newest.map(\.position).min(), let last = newest.map(\.position).max() else { return [] }
        let matches = Set(
            try positions(
                Timeline(
                    sql: "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?",
                    arguments: [expression, first, last])))
        let isAll = newest.count < effort.walkedMessages
        // What was not looked through may be of the last one's place.
        let found = newest.filter {
            matches.contains($0.position) && (isAll || $0.place > newest[newest.count - 1].place)
        }
        guard isAll || found.count >= limit else { return nil }
        let edge = found.dropFirst(limit - 1).first?.place ?? .min
        let among = Timeline.list(found.prefix { $0.place >= edge }.map(\.position))
        return try positions(.positions(query, among: among, limit: limit))
    }

    private func positions(_ timeline: Timeline) throws -> [Int64] { try fetch(timeline) { $0[0] } }

    /// Row by row: that is several times as fast as what fetches values of any type.
    private func fetch<Value>(_ timeline: Timeline, _ value: (Row) -> Value) throws -> [Value] {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: timeline.sql), arguments: timeline.arguments)
        var values: [Value] = []
        while let row = try rows.next() { values.append(value(row)) }
        return values
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
