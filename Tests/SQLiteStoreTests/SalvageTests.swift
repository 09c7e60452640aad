import Foundation
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct SalvageTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func salvage(_ path: String) throws -> (messages: [StoredMessage], summary: Salvage.Summary) {
        var messages: [StoredMessage] = []
        let summary = try Salvage.run(path: path) { message in
            messages.append(message)
            return true
        }
        return (messages, summary)
    }

    @Test func salvage_ofAHealthyStore_findsNoDamage() throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(200))
        store.close()
        let summary = try salvage(store.path).summary
        #expect((summary.messages, summary.brokenRows, summary.damagedPages) == (200, 0, 0))
    }

    @Test func salvage_whileTheStoreIsInUse_readsTheLogToo() throws {
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let messages = try Fixture.messages(50)
        for message in messages { try store.commit([message]) }
        let found = try salvage(store.path)
        #expect(Set(found.messages.map(\.message)) == Set(messages))
        #expect(found.messages.count == 50)
    }

    @Test func salvage_leavesTheDirectoryAsItIs() throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(10))
        store.close()
        let before = try Data(contentsOf: URL(filePath: store.path))
        #expect(try salvage(store.path).messages.count == 10)
        #expect(try Data(contentsOf: URL(filePath: store.path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store.sqlite"])
    }

    /// Whatever is done to the file, what comes out was in it, once, and nothing traps.
    @Test(arguments: 0..<12) func salvage_ofAnyDamage_givesOnlyWhatWasThere(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let store = try Fixture.store(in: directory)
        let messages = try Fixture.messages(120)
        try store.commit(messages)
        store.close()
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: store.path)))
        for _ in 0..<Int.random(in: 1...400, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = .random(in: 0...255, using: &random)
            default:
                let end = min(bytes.count, place + .random(in: 1...300, using: &random))
                for index in place..<end { bytes[index] = .random(in: 0...255, using: &random) }
            }
        }
        if seed.isMultiple(of: 3) { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
        if seed.isMultiple(of: 4) { bytes.insert(contentsOf: bytes.prefix(bytes.count / 2), at: 0) }
        let path = directory.file("damaged.sqlite")
        try Data(bytes).write(to: URL(filePath: path))
        try Data(bytes.reversed() + bytes).write(to: URL(filePath: path + "-wal"))
        let found = try salvage(path).messages
        #expect(Set(found.map(\.message)).isSubset(of: messages), "seed \(seed)")
        #expect(Set(found.map(\.message.id)).count == found.count, "seed \(seed)")
    }

    @Test func salvage_whenTheTreesAreGone_stillFindsTheRows() throws {
        let store = try Fixture.store(in: directory)
        let messages = try Fixture.messages(300)
        try store.commit(messages)
        store.close()
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: store.path)))
        // The first bytes of every page: the file's header, the kind of each page, its count and places of cells.
        for page in stride(from: 0, to: bytes.count, by: 4_096) {
            for index in page..<page + (page == 0 ? 108 : 40) { bytes[index] = 0xee }
        }
        let path = directory.file("headless.sqlite")
        try Data(bytes).write(to: URL(filePath: path))
        #expect(Set(try salvage(path).messages.map(\.message)) == Set(messages))
    }

    @Test func salvage_ofWhatWasForgedInTheFile_leavesItOut() throws {
        let store = try Fixture.store(in: directory)
        let messages = try Fixture.messages(3)
        try store.commit([messages[0], Fixture.forged(messages[1]), messages[2]])
        store.close()
        let found = try salvage(store.path)
        #expect(Set(found.messages.map(\.message)) == [messages[0], messages[2]])
        #expect(found.summary.brokenRows == 1)
    }

    @Test func salvage_whenThereIsNoFile_namesIt() throws {
        let path = directory.file("missing.sqlite")
        let error = #expect(throws: StoreError.self) { try salvage(path) }
        #expect(error?.code == .unreadable)
        #expect(error?.message == "cannot open the store \(path): No such file or directory")
    }

    @Test(arguments: [0, 1, 17, 99, 4_096, 5_000]) func salvage_ofAFileOfRubbish_saysThatItIsNoStore(bytes: Int) throws
    {
        let path = try directory.write(String(repeating: "\0L", count: bytes), to: "rubbish")
        let error = #expect(throws: StoreError.self) { try salvage(path) }
        #expect(error?.code == .notADatabase)
    }

    @Test func sentence_namesTheDamagedPages() {
        var summary = Salvage.Summary(messages: 3, brokenRows: 1, pages: 9, damagedPages: 2, firstDamaged: [4, 7])
        summary.isSealed = true
        #expect(
            summary.sentence(path: "/s")
                == "3 intact messages in 9 pages of /s; 1 row is not whole; damaged pages: 2 (4, 7)")
        #expect(Salvage.Summary(messages: 1, pages: 1).sentence(path: "/s") == "1 intact message in 1 page of /s")
    }
}

@Suite struct StoreRecordTests {
    @Test(
        arguments: [
            ([0x00], 0), ([0x7f], 127), ([0x81, 0x00], 128), ([0xff, 0x7f], 16_383),
            ([UInt8](repeating: 0xff, count: 9), UInt64.max),
        ] as [([UInt8], UInt64)])
    func varint_isReadToItsEnd(bytes: [UInt8], value: UInt64) {
        var place = 0
        let read = RecordFields.varint(bytes.span, &place)
        #expect(read == value)
        #expect(place == bytes.count)
    }

    @Test func varint_thatIsCutOff_isNone() {
        var place = 0
        let cut: [UInt8] = [0x81, 0x82]
        let read = RecordFields.varint(cut.span, &place)
        #expect(read == nil)
    }

    @Test func fields_ofEveryType_areRead() {
        // Header of 8 bytes: NULL, 1-byte integer, 0, 1, text of 2 bytes, blob of 1 byte, real.
        let record: [UInt8] = [8, 0, 1, 8, 9, 17, 14, 7, 0xfe, 0x61, 0x62, 0x2a, 0, 0, 0, 0, 0, 0, 0, 0]
        let fields = RecordFields(record.span, at: 0)?.all
        #expect(
            fields == [.null, .integer(-2), .integer(0), .integer(1), .text(9..<11), .blob(11..<12), .real])
    }

    @Test func read_ofAnyBytes_neverTraps() {
        var random = SeededRandom(seed: 77)
        for _ in 0..<300 {
            var bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Many beginnings of rows of ours, so that more than the first look is tried.
            for _ in 0..<20 {
                let place = Int.random(in: 0..<190, using: &random)
                bytes.replaceSubrange(place..<place + 3, with: [UInt8.random(in: 0...30, using: &random), 0, 76])
            }
            let span = bytes.span
            for start in -1...bytes.count { _ = StoreRecord.read(span, at: start) }
        }
    }
}
