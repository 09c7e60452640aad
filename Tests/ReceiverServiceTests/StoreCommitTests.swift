import Bus
import GRDB
import Messages
import TestSupport
import Testing

@testable import ReceiverService

@Suite struct StoreCommitTests {
    let directory: TemporaryDirectory
    let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    @Test func commit_givesPositionsInOrder() throws {
        let first = try store.commit(Fixture.messages(3, prefix: "a"))
        let second = try store.commit(Fixture.messages(2, prefix: "b"))
        #expect(first.rows.map(\.position) == [1, 2, 3])
        #expect(second.rows.map(\.position) == [4, 5])
        #expect(second.position == 5)
        #expect(try store.position() == 5)
    }

    @Test func commit_whenAMessageIsThereAlready_saysDuplicateAndUsesNoPosition() throws {
        let messages = try Fixture.messages(3)
        try store.commit([messages[0]])
        let committed = try store.commit([messages[1], messages[0], messages[1], messages[2]])
        #expect(committed.outcomes == [.stored, .duplicate, .duplicate, .stored])
        #expect(committed.rows.map(\.stored.message) == [messages[1], messages[2]])
        #expect(committed.rows.map(\.position) == [2, 3])
    }

    @Test func commit_keepsTheFirstTimeOfA2011Message() async throws {
        let message = try Fixture.message("old", by: Fixture.legacyAuthor)
        try store.commit([message], receivedAt: 1_000)
        try store.commit([message], receivedAt: 2_000)
        let row = try #require(await store.page(.message(message.id))?.rows.first)
        #expect(row.stored.receivedAt == 1_000)
        #expect(row.stored.cursor == Cursor(time: 1_000, id: message.id))
    }

    @Test func commit_keepsCountsBesideTheRows() async throws {
        let other = try Channel("other")
        try store.commit([
            Fixture.message("1"), Fixture.message("2", by: Fixture.secondAuthor), Fixture.message("3", channel: other),
        ])
        try store.commit([Fixture.message("1"), Fixture.message("4", by: Fixture.secondAuthor)])
        let summary = try #require(await store.summary())
        #expect(summary.messages == 4)
        #expect(summary.authors == 2)
        #expect(
            summary.channels == [
                ChannelCount(end: Channel.tweets.end, name: "tweets", messages: 3),
                ChannelCount(end: other.end, name: nil, messages: 1),
            ])
        #expect(summary.bytes > 4_096)
        let rows = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages") }
        #expect(rows == 4)
    }

    @Test func rows_carryTheChannelsName() async throws {
        let named = try Channel("named")
        let second = try Fixture.store(in: directory, channels: [named])
        defer { second.close() }
        let committed = try store.commit([Fixture.message("1", channel: named)])
        #expect(committed.rows.map(\.stored.channel) == ["named"])
        #expect(await store.page(.after(position: 0, limit: 10))?.rows == committed.rows)
    }

    @Test func stored_findsWhatWasCommittedAndNothingElse() throws {
        let messages = try Fixture.messages(4)
        try store.commit(Array(messages.prefix(2)))
        #expect(try store.stored(among: messages.map(\.id)) == Set(messages.prefix(2).map(\.id)))
    }

    @Test func commit_whenTheTransactionFails_writesNothing() async throws {
        try store.commit(Fixture.messages(2, prefix: "before"))
        // The second row of the batch violates the schema: its position is taken.
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO messages SELECT 4, zeroblob(32), 0, 0, channel, author, message, 0, NULL FROM messages LIMIT 1
                    """)
        }
        let batch = try Fixture.messages(2, prefix: "after")
        let error = #expect(throws: StoreError.self) { try store.commit(batch) }
        #expect(error?.code == .failed)
        #expect(try store.stored(among: batch.map(\.id)).isEmpty)
        #expect(try store.position() == 2)
        #expect(await store.summary()?.messages == 2)
    }

    @Test func commit_whenTheDiskIsFull_saysSoAndWorksAgainLater() throws {
        let pages = try store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
            return pages
        }
        let messages = try Fixture.messages(200)
        let error = #expect(throws: StoreError.self) { try store.commit(messages) }
        #expect(error?.code == .diskFull)
        #expect(error?.message.contains(store.path) == true)
        try store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 1_000)") }
        #expect(try store.commit(messages).rows.count == 200)
    }

    @Test func commit_afterClose_failsInsteadOfTrapping() throws {
        let message = try Fixture.message("too late")
        store.close()
        let error = #expect(throws: StoreError.self) { try store.commit([message]) }
        #expect(error?.code == .failed)
    }

    @Test func commit_byTwoStoresOnOneFile_storesEachMessageOnce() async throws {
        let second = try Fixture.store(in: directory)
        defer { second.close() }
        let messages = try Fixture.messages(400)
        let batches = stride(from: 0, to: messages.count, by: 10).map { Array(messages[$0..<$0 + 10]) }
        async let mine = Self.commit(batches, to: store)
        async let theirs = Self.commit(batches.reversed(), to: second)
        let results = try await mine + theirs
        #expect(results.flatMap(\.outcomes).count { $0 == .stored } == 400)
        #expect(Set(results.flatMap(\.rows).map(\.position)) == Set(1...400))
        #expect(await store.summary()?.messages == 400)
        #expect(try second.position() == 400)
    }

    private static func commit(_ batches: some Sequence<[SignedMessage]> & Sendable, to store: SQLiteStore) async throws
        -> [Committed]
    {
        try batches.map { try store.commit($0) }
    }
}
