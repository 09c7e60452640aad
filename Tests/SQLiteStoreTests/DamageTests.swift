import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(2))) struct DamageTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// One flipped bit in each page of a copy: found at opening, and every message outside that page is rescued.
    @Test(arguments: [UInt64(41)]) func aFlippedBit_inAnyPage_isFoundAndTheRestIsRescued(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let store = try Fixture.store(in: directory)
        let messages = try Fixture.messages(300)
        for start in stride(from: 0, to: 300, by: 30) { try store.commit(Array(messages[start..<start + 30])) }
        store.close()
        let original = try DamagedFile(store.path).bytes
        let pages = original.count / DamagedFile.pageBytes
        #expect(pages > 30)
        // Where each row lies: the text is in no index.
        let homes = try Self.pages(of: messages, in: original)
        let copy = DamagedFile(directory.file("copy.sqlite"))
        for page in 1...pages {
            try Data(original).write(to: URL(filePath: copy.path))
            try copy.flip(page: page, using: &random)
            let error = #expect(throws: StoreError.self, "page \(page), seed \(seed)") {
                try SQLiteStore.open(path: copy.path, channels: [.tweets]).close()
            }
            #expect(error?.code == .damaged, "page \(page), seed \(seed): \(String(describing: error))")
            #expect(error?.message.contains("--salvage --store \(copy.path)") == true)
            var rescued: Set<MessageID> = []
            let summary = try Salvage.run(path: copy.path) { rescued.insert($0.message.id).inserted }
            let outside = messages.filter { homes[$0.id] != page }.map(\.id)
            #expect(rescued.isSuperset(of: outside), "page \(page), seed \(seed)")
            #expect(summary.firstDamaged == [UInt32(page)])
        }
    }

    private static func pages(of messages: [SignedMessage], in bytes: [UInt8]) throws -> [MessageID: Int] {
        let file = Data(bytes)
        return try messages.reduce(into: [:]) { homes, message in
            let place = try #require(file.range(of: Data(message.encoded())))
            homes[message.id] = place.lowerBound / DamagedFile.pageBytes + 1
        }
    }

    @Test func open_whenTheFileIsCutOff_saysHowMuchThereIs() throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(100))
        store.close()
        let bytes = try DamagedFile(store.path).bytes
        try Data(bytes.dropLast(3 * DamagedFile.pageBytes)).write(to: URL(filePath: store.path))
        let error = #expect(throws: StoreError.self) { try Fixture.store(in: directory) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("\(bytes.count - 12_288) bytes instead of \(bytes.count)") == true)
    }

    @Test func aQuery_thatMeetsDamage_isRefusedAndRaisesTheAlarm() async throws {
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let messages = try Fixture.messages(400)
        try store.commit(messages)
        try await store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        let home = try #require(Self.pages(of: [messages[7]], in: DamagedFile(store.path).bytes)[messages[7].id])
        try DamagedFile(store.path).flip(bit: (home - 1) * DamagedFile.pageBytes * 8 + 20_000)

        let answer = await store.answer(.message(messages[7].id))
        guard case .refused(let refusal) = answer.body else { return #expect(Bool(false), "\(answer)") }
        #expect(refusal.code == "store_damaged")
        #expect(refusal.text.hasPrefix("the store \(store.path) is damaged: page \(home) is not what was written"))
        #expect(await store.failure()?.message == refusal.text)
        #expect(DamageMark(store: store.path).page == UInt32(home))
        // The next start refuses at once, and one with a restored file goes on.
        let error = #expect(throws: StoreError.self) { try Fixture.store(in: directory) }
        #expect(error?.message == refusal.text)
        try DamagedFile(store.path).flip(bit: (home - 1) * DamagedFile.pageBytes * 8 + 20_000)
        let restored = try Fixture.store(in: directory)
        #expect(DamageMark(store: store.path).page == nil)
        #expect(await restored.page(.message(messages[7].id))?.rows.count == 1)
        restored.close()
    }

    @Test func aFlippedBitInTheLog_isFoundWhenItsPageIsRead() async throws {
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let messages = try Fixture.messages(40)
        try store.commit(messages)
        let log = DamagedFile(store.path + "-wal")
        let place = try #require(Data(try log.bytes).range(of: Data(messages[3].encoded()))).lowerBound
        try log.flip(bit: place * 8 + 80)
        let answer = await store.answer(.after(position: 0, limit: 40))
        guard case .refused(let refusal) = answer.body else { return #expect(Bool(false), "\(answer)") }
        #expect(refusal.text.contains("its write-ahead log is not what was written"))
        #expect(await store.failure()?.code == .damaged)
    }

    @Test func aLargeStore_isCheckedWhileItWorks() async throws {
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        try store.commit(Fixture.messages(400))
        try await store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        let large = SQLiteStore(
            path: store.path, id: store.id, pool: store.pool, patience: Patience(), isChecked: false)
        await large.checkPages()
        try DamagedFile(store.path).flip(bit: 20 * DamagedFile.pageBytes * 8)
        await large.checkPages()
        #expect(await large.failure()?.message.contains("page 21 is not what was written") == true)
    }
}
