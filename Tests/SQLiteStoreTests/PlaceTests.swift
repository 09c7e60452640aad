import Bus
import Messages
import StoreConformance
import TestSupport
import Testing
import TextSearch

@testable import SQLiteStore

/// Messages whose places in the order of a wall are one: there the ids decide.
@Suite struct PlaceTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    /// As a page has them.
    private let wall: [MessageID]
    private let ties: Int

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
        // Of so many in one millisecond a few share their first twenty bits.
        var signals = try Fixture.message("signed").signals
        let crowd = try (0..<6_000).map {
            signals["+message"] = "one of many, \($0)"
            return try SignedMessage(signals: signals)
        }
        let places = Dictionary(grouping: crowd) { Place.of(Fixture.now, $0.id) }
        let tied = places.values.filter { $0.count > 1 }.joined()
        let chosen = crowd.prefix(20) + tied.filter { !crowd.prefix(20).contains($0) }
        ties = tied.count
        try store.commit(Array(chosen))
        wall = chosen.map(\.id).sorted { Cursor(time: Fixture.now, id: $0) > Cursor(time: Fixture.now, id: $1) }
    }

    @Test(arguments: [1, 2, 3, 500] as [UInt32]) func pages_areInTheOrderOfIDs(_ limit: UInt32) async throws {
        try #require(ties > 2)
        var seen: [Row] = []
        repeat {
            let page = try #require(
                await store.page(.timeline(.init(before: seen.last?.stored.cursor, limit: limit))))
            seen += page.rows
            #expect(page.rows.count == Int(limit) || !page.more)
            guard page.more else { break }
        } while seen.count <= wall.count
        #expect(seen.map(\.stored.message.id) == wall)
    }

    @Test(arguments: [1, 15, 10_000]) func searches_areInTheOrderOfIDs(_ walked: Int) async throws {
        let effort = WordSearch.Effort(sortedMatches: 0, walkedMessages: walked)
        for limit in 1...wall.count {
            let positions = try await store.pool.read { db in
                try WordSearch(try SearchQuery("many"), within: .init(limit: 1), effort: effort, in: db)
                    .positions(limit: limit)
            }
            let rows = try #require(await store.page(.after(position: 0, limit: 500))?.rows)
            #expect(positions.map { rows[Int($0) - 1].stored.message.id } == Array(wall.prefix(limit)), "\(limit)")
        }
    }
}
