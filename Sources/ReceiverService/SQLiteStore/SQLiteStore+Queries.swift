import Bus
import Foundation
import GRDB
import Glibc
import Messages
import ReceiverStore
import TelehashWire

extension SQLiteStore {
    func answer(_ query: Query, until deadline: ContinuousClock.Instant) async -> Answer {
        do {
            return try await pool.read { [self] db in
                try db.within(ContinuousClock.now.duration(to: deadline)) {
                    Answer(
                        store: id, position: try Self.number("position", in: db),
                        body: try body(of: query, until: deadline, in: db))
                }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            return Answer(store: id, position: 0, body: .refused(.outdated))
        } catch {
            return Answer(store: id, position: 0, body: .refused(Refusal(notice(error))))
        }
    }

    private func body(
        of query: Query, until deadline: ContinuousClock.Instant, in db: Database
    ) throws -> Answer.Body {
        switch query {
        case .timeline(let timeline):
            let rows = Self.rows(wanted: timeline.limit)
            if let search = timeline.search {
                let left = ContinuousClock.now.duration(to: deadline) - StoreLimits.answerMargin
                let isShort = left < StoreLimits.searchTime
                return try Self.search(
                    search, within: timeline, rows: rows, in: db, limit: isShort ? left : StoreLimits.searchTime,
                    otherwise: isShort ? .outdated : .searchTooBroad)
            }
            return try Self.rows(Timeline(timeline), limit: rows, in: db)
        case .message(let id):
            let found = try Self.rows(Timeline(sql: Self.messageSQL, arguments: [id.blob]), limit: 1, in: db)
            guard case .rows(let rows, _) = found, rows.isEmpty, try isHidden(id, in: db) else { return found }
            return .refused(.hidden)
        case .after(let position, let limit):
            let rows = Self.rows(wanted: limit)
            return try Self.rows(
                Timeline(sql: Self.afterSQL, arguments: [Int64(clamping: position)]), limit: rows, in: db)
        case .summary:
            return .summary(try summary(db))
        case .rules(let kind, let subject, let limit):
            let (rules, more) = try Self.rules(kind, after: subject, limit: Int(clamping: limit), in: db)
            return .rules(rules, more: more)
        case .find(let sought): return .found(try Self.find(sought, in: db))
        case .channels: return .channels(try Self.channels(db))
        }
    }

    /// - Parameters:
    ///   - rows: of one page.
    ///   - refusal: where it takes longer than the limit.
    static func search(
        _ search: SearchQuery, within timeline: Query.Timeline, rows: Int, in db: Database,
        limit: Duration = StoreLimits.searchTime, otherwise refusal: Refusal = .searchTooBroad
    ) throws -> Answer.Body {
        do {
            return try db.within(limit) {
                let found = try WordSearch(search, within: timeline, in: db).positions(limit: rows + 1)
                return try Self.rows(.page(of: found), limit: rows, in: db)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            return .refused(refusal)
        }
    }

    private static func rows(wanted: UInt32) -> Int {
        min(max(Int(wanted), 1), BusLimits.pageRows)
    }

    /// What finds a message by the id that is the first argument: its index holds the first bytes only.
    static func byID(_ table: String = "") -> String {
        "substr(\(table)id, 1, 8) = substr(?1, 1, 8) AND \(table)id = ?1"
    }

    static let messageSQL = """
        SELECT \(Timeline.columns("m.position"))
        FROM messages AS m \(Timeline.joins) WHERE \(byID("m.")) AND m.hidden = 0
        """

    static let afterSQL = """
        SELECT \(Timeline.columns("m.position"))
        FROM messages AS m INDEXED BY messages_shown \(Timeline.joins)
        WHERE m.position > ? AND m.hidden = 0 ORDER BY m.position
        """

    private func isHidden(_ id: MessageID, in db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT hidden FROM messages WHERE \(Self.byID())")
        return try Bool.fetchOne(statement, arguments: [id.blob]) ?? false
    }

    /// The rows of a page. All of one place are read, because they come in any order, and the newest of them kept.
    ///
    /// A row whose message cannot be read any more (bit rot) is left out: it costs itself, not the page.
    private static func rows(_ page: Timeline, limit: Int, in db: Database) throws -> Answer.Body {
        let cursor = try GRDB.Row.fetchCursor(db.cachedStatement(sql: page.sql), arguments: page.arguments)
        let names = NameReader(db)
        var rows: [Bus.Row] = []
        var (size, place, hasTies) = (0, Int64.min, false)
        while let row = try cursor.next() {
            let isTie = row[0] == place
            // One more than wanted tells whether there are more.
            if !isTie, rows.count > limit || size > StoreLimits.answerBytes { break }
            if isTie, rows.count > 2 * limit {
                rows.sort(by: Self.isNewer)
                rows.removeSubrange((limit + 1)...)
            }
            hasTies = hasTies || isTie
            place = row[0]
            let bytes = try row.withUnsafeData(atIndex: 3) { $0.map { [UInt8]($0) } ?? [] }
            guard let id = try row.withUnsafeData(atIndex: 6, { $0.flatMap { MessageID(bytes: $0) } }),
                let message = SignedMessage(trusting: id, encoded: bytes)
            else { continue }
            size += bytes.count
            rows.append(
                Bus.Row(
                    position: UInt64(clamping: row[1] as Int64),
                    stored: StoredMessage(message: message, receivedAt: row[2], channel: row[4]),
                    author: names.name(of: row[5], in: row, at: 7)))
        }
        if hasTies { rows.sort(by: Self.isNewer) }
        size = 0
        let page = rows.prefix(limit).prefix {
            size += $0.stored.message.encodedByteCount
            return size <= StoreLimits.answerBytes
        }
        return .rows(Array(page), more: page.count < rows.count)
    }

    private static func isNewer(_ one: Bus.Row, _ other: Bus.Row) -> Bool { one.stored.cursor > other.stored.cursor }

    private func summary(_ db: Database) throws -> Summary {
        return Summary(
            messages: try Self.number("messages", in: db), hidden: try Self.number("hidden", in: db),
            authors: try Self.number("authors", in: db),
            channels: try Self.channels(db).map { ChannelCount(end: $0.end, name: $0.name, messages: $0.messages) },
            bytes: Self.size(of: path) + Self.size(of: path + "-wal"))
    }

    private static func size(of path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(clamping: status.st_size) : 0
    }
}
