import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import TelehashWire

extension SQLiteStore {
    func commit(_ batch: [Incoming]) throws(StoreError) -> Committed {
        try inTransaction { db in
            var writing = try Writing(db)
            return try writing.write(batch)
        }
    }
}

/// One transaction's work. The counts are kept beside the rows, so that nobody ever has to count.
private struct Writing {
    private var rules: RuleReader
    private let words: WordIndex
    private let names: NameReader
    private let insert: Statement
    private let db: Database

    private var position: Int64
    private var newMessages = 0
    private var newHidden = 0
    private var newAuthors = 0
    private var authors: [PublicKey: Int64] = [:]
    private var channels: [NodeID: ChannelState] = [:]

    private struct ChannelState {
        let number: Int64
        let name: String?
        /// Nothing at or before it is kept; milliseconds since 1970.
        let horizon: Int64?
        var added = 0
        var addedBytes = 0
    }

    init(_ db: Database) throws {
        self.db = db
        rules = try RuleReader(db)
        words = try WordIndex(db)
        names = NameReader(db)
        position = Int64(clamping: try SQLiteStore.number("position", in: db))
        insert = try db.cachedStatement(
            sql: """
                INSERT INTO messages (position, id, sort_at, received_at, channel, author, message, hidden, name)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                """)
    }

    mutating func write(_ batch: [Incoming]) throws -> Committed {
        var rows: [Bus.Row] = []
        rows.reserveCapacity(batch.count)
        let outcomes = try batch.map { try write($0, into: &rows) }
        if newMessages > 0 { try writeCounts() }
        return Committed(rows: rows, outcomes: outcomes, position: UInt64(clamping: position))
    }

    private mutating func write(_ incoming: Incoming, into rows: inout [Bus.Row]) throws -> Ack.Outcome {
        let message = incoming.message
        let time = message.at ?? incoming.receivedAt
        guard try !rules.isBlocked(message.key) else { return .refused(.keyBlocked) }
        if incoming.isEarly {
            try SQLiteStore.keepEarly(message, receivedAt: incoming.receivedAt, in: db)
            return .refused(.early(message, now: incoming.receivedAt))
        }
        let channel = try channel(message.end)
        if let horizon = channel.horizon, time <= horizon { return .refused(.expired) }
        let author = try author(message.key)
        let isHidden = try rules.isHidden(message.id)
        let encoded = Data(message.encoded())
        let claim = message.nameClaim
        insert.setUncheckedArguments([
            position + 1, message.id.blob, time, incoming.receivedAt, channel.number, author, encoded, isHidden,
            claim?.text,
        ])
        try insert.execute()
        guard db.changesCount == 1 else { return .duplicate }
        position += 1
        newMessages += 1
        try words.add(message, at: position)
        channels[message.end]?.added += 1
        channels[message.end]?.addedBytes += encoded.count
        guard !isHidden else {
            newHidden += 1
            return .stored
        }
        rows.append(
            Bus.Row(
                position: UInt64(clamping: position),
                stored: StoredMessage(message: message, receivedAt: incoming.receivedAt, channel: channel.name),
                author: try name(of: author, claiming: claim)))
        return .stored
    }

    /// A message that the store has already has an author that it has already: no author is added in vain.
    private mutating func author(_ key: PublicKey) throws -> Int64 {
        if let known = authors[key] { return known }
        let find = try db.cachedStatement(sql: "SELECT author FROM authors WHERE key = ?")
        var number = try Int64.fetchOne(find, arguments: [key.text])
        if number == nil {
            try db.cachedStatement(sql: "INSERT INTO authors (key) VALUES (?)").execute(arguments: [key.text])
            number = db.lastInsertedRowID
            newAuthors += 1
        }
        authors[key] = number
        return number ?? 0
    }

    private func name(of author: Int64, claiming claim: SignedMessage.NameClaim?) throws -> AuthorName {
        if let name = claim?.name { try NameRegistry.note(name, of: author, at: position, in: db) }
        if claim != nil { names.forget(author) }
        return try names.name(of: author)
    }

    private mutating func channel(_ end: NodeID) throws -> ChannelState {
        if let known = channels[end] { return known }
        try db.cachedStatement(
            sql: #"INSERT INTO channels ("end", messages) VALUES (?, 0) ON CONFLICT ("end") DO NOTHING"#
        )
        .execute(arguments: [end.blob])
        let found = try GRDB.Row.fetchOne(
            db.cachedStatement(sql: #"SELECT channel, name, horizon FROM channels WHERE "end" = ?"#),
            arguments: [end.blob])
        let state = ChannelState(number: found?[0] ?? 0, name: found?[1], horizon: found?[2])
        channels[end] = state
        return state
    }

    private func writeCounts() throws {
        try db.cachedStatement(
            sql: "UPDATE store SET position = ?, messages = messages + ?, hidden = hidden + ?, authors = authors + ?"
        )
        .execute(arguments: [position, newMessages, newHidden, newAuthors])
        let update = try db.cachedStatement(
            sql: "UPDATE channels SET messages = messages + ?, bytes = bytes + ? WHERE channel = ?")
        for channel in channels.values where channel.added > 0 {
            try update.execute(arguments: [channel.added, channel.addedBytes, channel.number])
        }
    }
}
