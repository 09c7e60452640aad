import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import TelehashWire
import TextSearch

extension SQLiteStore {
    func commit(_ batch: [Incoming]) throws(StoreError) -> Committed {
        try inTransaction { db in
            let room = try disk.room(in: db)
            guard room != .none else { throw StoreError.reserveReached(path) }
            var writing = try Writing(db, room: room)
            return try writing.write(batch)
        }
    }
}

/// One transaction's work. The counts are kept beside the rows, so that nobody ever has to count.
private struct Writing {
    private var rules: RuleReader
    private let room: DiskReserve.Room
    private var standings: StandingReader?
    private let words: WordIndex
    private let names: NameReader
    private let find: Statement
    private let findSignature: Statement
    private let insert: Statement
    private let db: Database

    private var position: Int64
    private var newMessages = 0
    private var newHidden = 0
    private var newAuthors = 0
    private var authors: [PublicKey: AuthorState] = [:]
    private var channels: [NodeID: ChannelState] = [:]

    private struct AuthorState {
        let number: Int64
        /// Before this transaction.
        let messages: Int
        var added = 0
        var addedBytes: Int64 = 0
    }

    private struct ChannelState {
        let number: Int64
        let name: String?
        /// Nothing at or before it is kept; milliseconds since 1970.
        let horizon: Int64?
        var added = 0
        var addedBytes: Int64 = 0
    }

    init(_ db: Database, room: DiskReserve.Room) throws {
        self.db = db
        self.room = room
        rules = try RuleReader(db)
        words = try WordIndex(db)
        names = NameReader(db)
        position = Int64(clamping: try SQLiteStore.number("position", in: db))
        find = try db.cachedStatement(sql: "SELECT 1 FROM messages WHERE \(SQLiteStore.byID())")
        findSignature = try db.cachedStatement(sql: "SELECT 1 FROM messages WHERE signature = ?")
        insert = try db.cachedStatement(
            sql: """
                INSERT INTO messages (position, id, place, received_at, channel, author, message, hidden, name, bytes,
                    ahead, signature)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
        if incoming.isEarly, try !rules.isBlocked(message.key) {
            try SQLiteStore.keepEarly(message, receivedAt: incoming.receivedAt, in: db)
            return .refused(.early(message, now: incoming.receivedAt))
        }
        let channel = try channel(message.end)
        if let outcome = try outcomeUnwritten(incoming, in: channel) { return outcome }
        let author = try author(message.key, firstSeen: incoming.receivedAt)
        let isHidden = try rules.isHidden(message.id)
        let claim = message.nameClaim
        position += 1
        newMessages += 1
        try insert(incoming, in: channel, by: author, isHidden: isHidden, claim: claim)
        guard !isHidden else {
            newHidden += 1
            return .stored
        }
        rows.append(
            Bus.Row(
                position: UInt64(clamping: position),
                stored: StoredMessage(message: message, receivedAt: incoming.receivedAt, channel: channel.name),
                author: try name(of: author.number, claiming: claim)))
        return .stored
    }

    /// What becomes of a message that is not written; nil: it is to be.
    private mutating func outcomeUnwritten(_ incoming: Incoming, in channel: ChannelState) throws -> Ack.Outcome? {
        let message = incoming.message
        guard try !rules.isBlocked(message.key) else {
            try Withheld.add(message, in: channel.number, because: .rule, in: db)
            return .refused(.keyBlocked)
        }
        if let horizon = channel.horizon, message.sortTime(receivedAt: incoming.receivedAt) <= horizon {
            return .refused(.expired)
        }
        if try Int.fetchOne(find, arguments: [message.id.blob]) != nil { return .duplicate }
        if let signature = message.signatureID, try Int.fetchOne(findSignature, arguments: [signature.blob]) != nil {
            return .refused(.signatureUsed)
        }
        if let why = try Withheld.reason(message, in: channel.number, in: db) {
            return .refused(why == .aged ? .expired : .dropped)
        }
        guard room != .enough, !incoming.isOwn else { return nil }
        let standings = try standings ?? StandingReader(db, now: incoming.receivedAt)
        self.standings = standings
        return room.admits(try standings.standing(of: message.key)) ? nil : .refused(.storeNearlyFull)
    }

    private mutating func insert(
        _ incoming: Incoming, in channel: ChannelState, by author: AuthorState, isHidden: Bool,
        claim: SignedMessage.NameClaim?
    ) throws {
        let message = incoming.message
        let encoded = Data(message.encoded())
        let folded = SearchWords.indexed(message.text)
        var bytes = Weight.of(encoded: encoded.count, words: Weight.ofWords(folded), isNamed: claim != nil)
        if author.messages + author.added == 0 { bytes += Weight.ofAuthor(message.key) }
        let time = message.sortTime(receivedAt: incoming.receivedAt)
        insert.setUncheckedArguments([
            position, message.id.blob, Place.of(time, message.id), incoming.receivedAt, channel.number, author.number,
            encoded, isHidden, claim?.text, bytes, message.at.map { $0 - time }, message.signatureID?.blob,
        ])
        try insert.execute()
        try words.add(folded, at: position)
        channels[message.end]?.added += 1
        channels[message.end]?.addedBytes += bytes
        authors[message.key]?.added += 1
        authors[message.key]?.addedBytes += bytes
    }

    private mutating func author(_ key: PublicKey, firstSeen: Int64) throws -> AuthorState {
        if let known = authors[key] { return known }
        let find = try db.cachedStatement(sql: "SELECT author, messages FROM authors WHERE key = ?")
        let state: AuthorState
        if let row = try GRDB.Row.fetchOne(find, arguments: [key.text]) {
            state = AuthorState(number: row[0], messages: row[1])
            if state.messages == 0 {
                try db.cachedStatement(sql: "UPDATE authors SET first_seen = min(first_seen, ?) WHERE author = ?")
                    .execute(arguments: [firstSeen, state.number])
            }
        } else {
            try db.cachedStatement(sql: "INSERT INTO authors (key, first_seen, known) VALUES (?, ?, ?)")
                .execute(arguments: [key.text, firstSeen, try rules.isKnown(key)])
            state = AuthorState(number: db.lastInsertedRowID, messages: 0)
        }
        if state.messages == 0 { newAuthors += 1 }
        authors[key] = state
        return state
    }

    private func name(of author: Int64, claiming claim: SignedMessage.NameClaim?) throws -> AuthorName {
        if claim != nil {
            try NameRegistry.update(author, in: db)
            names.forget()
        }
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
        let updateAuthor = try db.cachedStatement(
            sql: "UPDATE authors SET messages = messages + ?, bytes = bytes + ? WHERE author = ?")
        for author in authors.values {
            try updateAuthor.execute(arguments: [author.added, author.addedBytes, author.number])
        }
    }
}
