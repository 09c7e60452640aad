import Foundation
import GRDB
import Messages

import enum Bus.Query

/// The statement for a page of the wall, newest first.
///
/// A page is one range of one index, wherever it lies and however large the store is. The index is named in the
/// statement: SQLite then fails at once instead of choosing something slower. What is hidden is in none of these indexes,
/// so that it costs a page nothing.
struct Timeline {
    let sql: String
    let arguments: StatementArguments

    /// - Parameter rows: how many to read.
    init(_ query: Query.Timeline, rows: Int) {
        let filter = Filter(end: query.end, author: query.author)
        sql = """
            SELECT m.position, m.received_at, m.message, c.name
            FROM messages AS m INDEXED BY \(filter.index) CROSS JOIN channels AS c ON c.channel = m.channel
            WHERE m.hidden = 0 AND \(filter.condition)m.sort_at >= ? AND (m.sort_at, m.id) < (?, ?)
            ORDER BY m.sort_at DESC, m.id DESC LIMIT ?
            """
        var arguments = filter.arguments
        arguments += [query.since ?? .min]
        // Nothing is newer than the end of time, so a page without a cursor is a page before that.
        arguments += [query.before?.time ?? .max, query.before?.id.blob ?? Data(repeating: 0xff, count: 32)]
        arguments += [rows]
        self.arguments = arguments
    }

    private struct Filter {
        let index: String
        let condition: String
        let arguments: StatementArguments

        init(end: EndHash?, author: PublicKey?) {
            let ofChannel = #"m.channel = (SELECT channel FROM channels WHERE "end" = ?) AND "#
            let ofAuthor = "m.author = (SELECT author FROM authors WHERE key = ?) AND "
            switch (end, author) {
            case (nil, nil):
                index = "messages_by_time"
                condition = ""
                arguments = []
            case (let end?, nil):
                index = "messages_by_channel"
                condition = ofChannel
                arguments = [end.blob]
            case (nil, let author?):
                index = "messages_by_author"
                condition = ofAuthor
                arguments = [author.text]
            case (let end?, let author?):
                index = "messages_by_author_and_channel"
                condition = ofAuthor + ofChannel
                arguments = [author.text, end.blob]
            }
        }
    }
}
