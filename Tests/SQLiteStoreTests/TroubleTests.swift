import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// What fails, is cut off or cannot be read.
@Suite struct TroubleTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    @Test func commit_whenTheTransactionFails_writesNothing() async throws {
        try store.commit(Fixture.messages(2, prefix: "before"))
        // The second row of the batch violates the schema: its position is taken.
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO messages SELECT 4, zeroblob(32), 0, 0, channel, author, message, 0, NULL, 0, 0, NULL
                    FROM messages LIMIT 1
                    """)
        }
        let batch = try Fixture.messages(2, prefix: "after")
        let error = #expect(throws: StoreError.self) { try store.commit(batch) }
        #expect(error?.code == .failed)
        #expect(try await store.stored(among: batch.map(\.id)).isEmpty)
        #expect(try await store.position() == 2)
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

    @Test func aRowThatCannotBeRead_costsItselfOnly() async throws {
        let rows = try store.commit(Fixture.messages(5)).rows
        try await store.pool.write { try $0.execute(sql: "UPDATE messages SET message = x'00' WHERE position = 3") }
        let page = try #require(await store.page(.after(position: 1, limit: 2)))
        #expect(page.rows == [rows[1], rows[3]])
        #expect(page.more)
    }

    @Test func blockThatWasInterrupted_isFinishedLater() async throws {
        let messages = try Fixture.messages(5)
        try store.commit(messages)
        _ = try store.set(Rule(subject: .key(Fixture.author.publicKey), isActive: true, at: 1))
        // As a crash between two transactions leaves it.
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE messages SET hidden = 0 WHERE position > 2; UPDATE store SET hidden = 2")
        }
        #expect(await store.page(.after(position: 0, limit: 9))?.rows.count == 3)
        try store.finishRules()
        #expect(await store.page(.after(position: 0, limit: 9))?.rows.isEmpty == true)
        #expect(await store.summary()?.hidden == 5)
        store.close()
    }
}
