import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// What messages are said to take, against what the file takes.
@Suite struct WeightTests {
    enum Kind: String, CaseIterable { case people, short, long, unique, chinese, names, strangers }

    private static let count = 4_000

    private static func texts(_ kind: Kind) -> [String] {
        var random = SeededRandom(seed: 5)
        func letters(_ count: Int) -> String {
            String((0..<count).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random) ?? "a" })
        }
        let vocabulary = (0..<4_000).map { _ in letters(.random(in: 2...10, using: &random)) }
        func sentence(_ words: ClosedRange<Int>) -> String {
            (0..<Int.random(in: words, using: &random)).map { _ in
                // As people do, a few words often and many seldom.
                vocabulary[Int(pow(Double.random(in: 0..<1, using: &random), 4) * 4_000)]
            }.joined(separator: " ")
        }
        return (0..<count).map { number in
            switch kind {
            case .people, .names, .strangers: sentence(6...25)
            case .short: "message \(number)"
            case .long: sentence(90...110)
            case .unique: (0..<90).map { _ in letters(8) }.joined(separator: " ")
            case .chinese:
                String(
                    String.UnicodeScalarView(
                        (0..<60).compactMap { _ in
                            Unicode.Scalar(0x4E00 + Int(pow(Double.random(in: 0..<1, using: &random), 3) * 3_000))
                        }))
            }
        }
    }

    private static func messages(_ kind: Kind) throws -> [SignedMessage] {
        let keys = (0..<(kind == .strangers ? count : 100)).map { _ in Identity.generate(.ed25519).publicKey.text }
        let signals = try Fixture.message("signed", name: kind == .names ? "Somebody" : nil).signals
        return try texts(kind).enumerated().map { number, text in
            var signals = signals
            signals["+key"] = keys[number % keys.count]
            signals["+message"] = text
            signals["+at"] = "\(Fixture.now + Int64(number) * 1_000)"
            return try SignedMessage(signals: signals)
        }
    }

    /// Bytes of a store's file, but for what is free in it.
    private static func used(_ store: SQLiteStore) throws -> Int {
        try store.pool.writeWithoutTransaction { db in
            try db.checkpoint(.truncate)
            return try used(db)
        }
    }

    private static func used(_ db: Database) throws -> Int {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        return (pages - (try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0)) * 4_096
    }

    @Test func message_takesAFifthLessThanInVersion8() throws {
        let directory = try TemporaryDirectory()
        let messages = try Self.messages(.short)
        let path = directory.file("store.sqlite")
        try OldStore.make(at: path, version: 8, messages.map { ($0, ($0.at ?? 0) + 100) })
        let before = try Connections.alone(path, readonly: true) { try Self.used($0) }
        let store = try Fixture.store(in: directory)
        let after = try Self.used(store)
        store.close()
        print("weight: \(before / messages.count) bytes a message in version 8, \(after / messages.count) now")
        #expect(after < before * 4 / 5)
    }

    @Test(arguments: Kind.allCases) func bytes_areWithinAFifthOfWhatTheFileGrows(_ kind: Kind) async throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        let messages = try Self.messages(kind)
        let before = try Self.used(store)
        for start in stride(from: 0, to: messages.count, by: 25) {
            try store.commit(Array(messages[start..<start + 25]))
        }
        let grown = try Self.used(store) - before
        let said = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT bytes FROM channels") ?? 0 }
        let ratio = Double(said) / Double(grown)
        print("weight: \(kind.rawValue) \(grown / messages.count) bytes a message, said \(said / messages.count)")
        #expect((0.8...1.2).contains(ratio), "\(kind): \(said) of \(grown)")
        if ProcessInfo.processInfo.environment["P2PMSG_WEIGHT"] != nil {
            let parts = try await store.pool.read { db in
                try Row.fetchAll(db, sql: "SELECT name, sum(pgsize) / \(messages.count) FROM dbstat GROUP BY name").map(
                    \.description)
            }
            print(kind, parts.joined(separator: "\n"))
        }
        store.close()
    }
}
