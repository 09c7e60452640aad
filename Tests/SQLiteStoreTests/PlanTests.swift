import Bus
import Foundation
import GRDB
import Messages
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// How questions are answered: in a store of millions each of these is a range or two of an index.
@Suite struct PlanTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func plan(_ sql: String, _ arguments: StatementArguments) throws -> [String] {
        try store.pool.read { db in
            try GRDB.Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
        }
    }

    private static func scans(_ plan: [String]) -> Bool {
        plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }
    }

    @Test func everyPageIsARangeOfOneIndex() throws {
        let id = try Fixture.message("x").id
        var pages: [(String, StatementArguments)] = [
            (SQLiteStore.afterSQL, [0]), (SQLiteStore.messageSQL, [id.blob]),
        ]
        for end in [nil, Channel.tweets.end] {
            for author in [nil, Fixture.author.publicKey] {
                for before in [nil, Messages.Cursor(time: Fixture.now, id: id)] {
                    let query = Query.Timeline(before: before, since: 1, end: end, author: author, limit: 50)
                    let page = Timeline(query)
                    pages.append((page.sql, page.arguments))
                }
            }
        }
        for (sql, arguments) in pages {
            let plan = try plan(sql, arguments)
            #expect(plan.contains { $0.hasPrefix("SEARCH m ") }, "\(plan)")
            #expect(plan.contains { $0.hasPrefix("SEARCH a USING INTEGER PRIMARY KEY") }, "\(plan)")
            #expect(!Self.scans(plan), "\(plan)")
        }
    }

    /// However many are hidden between two that are shown.
    @Test func whatCameAfter_isReadWithoutWhatIsHidden() throws {
        let plan = try plan(SQLiteStore.afterSQL, [0])
        #expect(plan.contains { $0.contains("SEARCH m USING INDEX messages_shown (position>?)") }, "\(plan)")
    }

    /// However many have one name, or had it: the first of those who have it is the beginning of a range.
    @Test func names_areReadFromTheirIndexes() throws {
        let plan = try plan(NameReader.authorSQL, [1])
        #expect(plan.contains { $0.contains("SEARCH o USING INDEX authors_by_likeness (likeness=?)") }, "\(plan)")
        #expect(plan.contains { $0.contains("SEARCH rules USING PRIMARY KEY") }, "\(plan)")
        #expect(plan.contains { $0.contains("SEARCH rules USING INDEX rules_by_likeness") }, "\(plan)")
        #expect(!Self.scans(plan), "\(plan)")
    }

    /// A walk through the newest messages looks at none of them: ids would be read for the order, and are not.
    @Test func newest_areNotSorted() throws {
        let newest = Timeline.newest(.init(limit: 50), limit: 5_000)
        let plan = try plan(newest.sql, newest.arguments)
        #expect(plan == ["SEARCH m USING INDEX messages_by_time (place>? AND place<?)"])
    }

    /// However many channels there are, all messages are read once.
    @Test func conversion_sumsUpTheChannelsAtOnce() throws {
        let plan = try plan(Conversion.channelBytesSQL, [])
        #expect(plan.count { $0.contains("messages") } == 1, "\(plan)")
        #expect(!plan.contains { $0.contains("CORRELATED") }, "\(plan)")
    }

    @Test func questions_areAnsweredByIndexes() throws {
        let names = try plan(SQLiteStore.claimantsSQL, ["ada", 10, "Ada"])
        #expect(names.contains { $0.contains("SEARCH authors USING INDEX authors_by_likeness") }, "\(names)")
        let pinned = try plan(SQLiteStore.pinnedSQL, ["ada", "Ada", 10])
        #expect(pinned.contains { $0.contains("rules_by_likeness") }, "\(pinned)")
        let newest = try plan(SQLiteStore.channelsSQL, [10]).filter { $0.contains(" m ") }
        #expect(!newest.isEmpty)
        #expect(newest.allSatisfy { $0.contains("SEARCH m USING INDEX messages_by_channel") }, "\(newest)")
    }
}
