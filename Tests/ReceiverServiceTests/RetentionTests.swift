import Bus
import Foundation
import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import ReceiverService

/// What is too old, or too much.
@Suite struct RetentionTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let garden: Channel
    private static let day: Int64 = 86_400_000

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
        garden = try Channel("garden")
    }

    private func texts() async -> [String] {
        await store.page(.timeline(.init(limit: 500)))?.rows.map(\.stored.message.text) ?? []
    }

    private func message(_ text: String, daysOld: Int64, in channel: Channel = .tweets) throws -> SignedMessage {
        try Fixture.message(text, at: Fixture.now - daysOld * Self.day, channel: channel)
    }

    @Test func age_dropsWhatIsOlder_andKeepsItOut() async throws {
        let old = try message("old", daysOld: 31)
        let new = try message("new", daysOld: 29)
        try store.commit([old, new])
        let before = try store.position()
        #expect(try store.prune(Retention(["30d"]), now: Fixture.now) == 1)
        #expect(await texts() == ["new"])
        #expect(await store.summary()?.messages == 1)
        #expect(try store.position() > before)
        let again = try store.commit([Incoming(message: old, receivedAt: Fixture.now)])
        #expect(again.outcomes == [.refused(.expired)])
        store.close()
    }

    @Test func widerAge_letsOldMessagesInAgain() async throws {
        let old = try message("old", daysOld: 31)
        try store.commit([old])
        _ = try store.prune(Retention(["30d"]), now: Fixture.now)
        _ = try store.prune(Retention(["40d"]), now: Fixture.now)
        #expect(try store.commit([Incoming(message: old, receivedAt: Fixture.now)]).outcomes == [.stored])
        _ = try store.prune(Retention(["30d"]), now: Fixture.now)
        _ = try store.prune(.unbounded, now: Fixture.now)
        #expect(try store.commit([Incoming(message: old, receivedAt: Fixture.now)]).outcomes == [.stored])
        store.close()
    }

    @Test func bytes_dropTheOldestUntilTheRestFits() async throws {
        let count = Int64(Limits.houseBatch) + 100
        let messages = try (0..<count).map { try Fixture.message("message \($0)", at: Fixture.now + $0) }
        try store.commit(messages)
        let bytes = messages.map { $0.encoded().count }
        let limit = 60 * 1_000
        #expect(bytes.reduce(0, +) > 2 * limit)
        let dropped = try store.prune(Retention(["60kB"]), now: Fixture.now)
        let kept = await texts()
        #expect(kept.count == messages.count - dropped)
        #expect(kept == messages.suffix(kept.count).reversed().map(\.text), "the newest stay")
        let rest = bytes.suffix(kept.count).reduce(0, +)
        #expect(rest <= limit)
        #expect(rest > limit - 2 * (bytes.max() ?? 0), "no more than necessary went")
        #expect(try store.prune(Retention(["60kB"]), now: Fixture.now) == 0)
        store.close()
    }

    @Test func channels_haveBoundsOfTheirOwn() async throws {
        try store.commit([
            message("tweet", daysOld: 5), message("flower", daysOld: 5, in: garden),
            message("tree", daysOld: 1, in: garden),
        ])
        #expect(try store.prune(Retention(["garden=2d", "1GB"]), now: Fixture.now) == 1)
        #expect(await Set(texts()) == ["tweet", "tree"])
        store.close()
    }

    @Test func hiddenMessages_goToo() async throws {
        let old = try message("old", daysOld: 31)
        try store.commit([old])
        _ = try store.set(Rule(subject: .message(old.id), isActive: true, at: 1))
        #expect(try store.prune(Retention(["30d"]), now: Fixture.now) == 1)
        #expect(await store.summary()?.messages == 0)
        #expect(await store.summary()?.hidden == 0)
        store.close()
    }

    @Test func rules_areRead() throws {
        let retention = try Retention(["90d", "a=b=10GB", "garden=12h", "garden=1MB"])
        #expect(retention.bounds(of: Channel.tweets.end) == .init(age: .seconds(90 * 86_400), bytes: nil))
        #expect(retention.bounds(of: garden.end) == .init(age: .seconds(12 * 3_600), bytes: 1_000_000))
        let other = try Channel("a=b")
        #expect(retention.bounds(of: other.end) == .init(age: .seconds(90 * 86_400), bytes: 10_000_000_000))
        #expect(Retention.unbounded.isUnbounded)
    }

    @Test(arguments: ["", "90", "x", "garden=", "=90d", "0d", "-1d", "5PB", "1.5GB", "garden=5", "99999999999999TB"])
    func ruleThatIsNone_isNamed(_ rule: String) {
        let report = #expect(throws: FailureReport.self) { try Retention([rule]) }
        #expect(report?.status == .usage)
        #expect(report?.message.contains("--keep '\(rule)'") == true)
    }
}

/// A copy of a store that is in use.
@Suite struct BackupTests {
    @Test func copy_hasEverything_andIsAStore() async throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(50))
        let copy = directory.file("copy.sqlite")
        let bytes = try store.backUp(to: copy)
        #expect(bytes > 0)
        try store.commit([Fixture.message("after the copy")])
        let other = try SQLiteStore.open(path: copy, channels: [.tweets]) { Fixture.storeID() }
        #expect(other.id == store.id)
        #expect(await other.summary()?.messages == 50)
        other.close()
        store.close()
    }

    @Test(arguments: ["copy.sqlite", "/no/such/directory/copy.sqlite", "/"])
    func copy_thatCannotBeMade_isNamed_andLeavesNothing(_ path: String) throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        let error = #expect(throws: StoreError.self) { try store.backUp(to: path) }
        #expect(error?.code == .backupRefused)
        #expect(error?.message.contains(path) == true)
        store.close()
    }

    @Test func copy_neverReplacesAFile() throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        let file = try directory.write("precious", to: "precious")
        #expect(throws: StoreError.self) { try store.backUp(to: file) }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
        store.close()
    }
}
