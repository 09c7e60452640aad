import Foundation
import GRDB
import Messages
import TelehashWire

import enum Bus.Query

/// A statement for a page of the wall, whose columns are ``columns(_:)``, or for the positions of what is on it.
///
/// A page is one range of one index, wherever it lies and however large the store is. The index is named in the
/// statement: SQLite then fails at once instead of choosing something slower. What is hidden is in none of these indexes,
/// so that it costs a page nothing.
struct Timeline {
    let sql: String
    let arguments: StatementArguments

    /// The newest first, to be read as far as they are wanted. Those of one place come in any order.
    init(_ query: Query.Timeline) {
        let bounds = Bounds(query)
        sql = """
            SELECT \(Timeline.columns("m.place"))
            FROM messages AS m INDEXED BY \(bounds.index) \(Timeline.joins)
            WHERE \(bounds.condition) ORDER BY m.place DESC
            """
        arguments = bounds.arguments
    }

    init(sql: String, arguments: StatementArguments) {
        self.sql = sql
        self.arguments = arguments
    }

    /// The positions and places of the newest, read from the index alone: those of one place come in any order.
    static func newest(_ query: Query.Timeline, limit: Int) -> Timeline {
        let bounds = Bounds(query)
        return Timeline(
            sql: """
                SELECT m.position, m.place FROM messages AS m INDEXED BY \(bounds.index)
                WHERE \(bounds.condition) ORDER BY m.place DESC LIMIT ?
                """, arguments: bounds.arguments + [limit])
    }

    /// The positions of the newest of all that match: as dear as there are matches.
    static func positions(_ query: Query.Timeline, matching expression: String, limit: Int) -> Timeline {
        let bounds = Bounds(query)
        return Timeline(
            sql: """
                SELECT m.position FROM words CROSS JOIN messages AS m ON m.position = words.rowid
                WHERE words MATCH ? AND \(bounds.condition) \(order) LIMIT ?
                """, arguments: [expression] + bounds.arguments + [limit])
    }

    /// The newest of some positions.
    ///
    /// - Parameter list: ``list(_:)``.
    static func positions(_ query: Query.Timeline, among list: String, limit: Int) -> Timeline {
        let bounds = Bounds(query)
        return Timeline(
            sql: """
                SELECT m.position FROM json_each(?) AS found CROSS JOIN messages AS m ON m.position = found.value
                WHERE \(bounds.condition) \(order) LIMIT ?
                """, arguments: [list] + bounds.arguments + [limit])
    }

    /// As statements take many of them.
    static func list(_ positions: [Int64]) -> String {
        "[\(positions.lazy.map(String.init).joined(separator: ","))]"
    }

    /// A page of these positions, in their order.
    static func page(of positions: [Int64]) -> Timeline {
        Timeline(
            sql: """
                SELECT \(columns("wanted.key"))
                FROM json_each(?) AS wanted CROSS JOIN messages AS m ON m.position = wanted.value \(joins)
                ORDER BY wanted.key
                """, arguments: [list(positions)])
    }

    /// What a row of an answer is made of.
    ///
    /// - Parameter order: by which the rows come; only places may be the same of several.
    static func columns(_ order: String) -> String {
        "\(order), m.position, m.received_at, m.message, c.name, m.author, m.id, \(NameReader.columns)"
    }

    static let joins = """
        CROSS JOIN channels AS c ON c.channel = m.channel CROSS JOIN authors AS a ON a.author = m.author
        """

    private static let order = "ORDER BY m.place DESC, m.id DESC"

    /// What messages have to be to be on a page, and the index in which they are one range.
    private struct Bounds {
        let index: String
        let condition: String
        let arguments: StatementArguments

        init(_ query: Query.Timeline) {
            var index = "messages_by"
            var condition = "m.hidden = 0"
            var arguments = StatementArguments()
            if let author = query.author {
                index += "_author"
                condition += " AND m.author = (SELECT author FROM authors WHERE key = ?)"
                arguments += [author.text]
            }
            if let end = query.end {
                index += query.author == nil ? "_channel" : "_and_channel"
                condition += #" AND m.channel = (SELECT channel FROM channels WHERE "end" = ?)"#
                arguments += [end.blob]
            }
            self.index = query.author == nil && query.end == nil ? "messages_by_time" : index
            self.condition = condition + " AND m.place >= ? AND (m.place, m.id) < (?, ?)"
            // Nothing is newer than the end of time, so a page without a cursor is a page before that.
            self.arguments =
                arguments + [
                    query.since.map(Place.start) ?? .min, query.before.map { Place.of($0.time, $0.id) } ?? .max,
                    query.before?.id.blob ?? Data(repeating: 0xff, count: 32),
                ]
        }
    }
}
