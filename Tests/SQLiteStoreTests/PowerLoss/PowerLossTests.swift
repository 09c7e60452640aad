import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// The power goes while messages are committed: what a sender was told is stored must be there afterwards.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PowerLossTests {
    /// More of them for a longer run: `P2PMSG_POWER_CUTS=100000`. The seed of a run is printed when it fails.
    private static let cuts = setting("P2PMSG_POWER_CUTS") ?? 1_000
    private static let seed = setting("P2PMSG_SEED").map { UInt64($0) } ?? 20_110_401
    private static let cutsInRound = 25
    /// A store is followed through its cuts up to this size, then comes a new one.
    private static let mostMessages = 400

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private let messages: [SignedMessage]

    init() throws { messages = try Fixture.messages(Self.mostMessages + 400) }

    @Test func afterEveryCut_whatWasAcknowledgedIsThere() async throws {
        RecordingVFS.register()
        var random = SeededRandom(seed: Self.seed)
        var start: RecordedDisk.Cut?
        var seen = 0
        var round: UInt64 = 0
        var acknowledged = 0
        while seen < Self.cuts {
            round += 1
            let cuts = try await cuts(after: start, seed: Self.seed &+ round, using: &random)
            for cut in cuts { try await check(cut, "seed \(Self.seed), round \(round)") }
            seen += cuts.count
            acknowledged += cuts.reduce(0) { $0 + $1.acknowledged }
            start = cuts.randomElement(using: &random)
            if (start?.acknowledged ?? 0) > Self.mostMessages { start = nil }
        }
        #expect(acknowledged > 50 * seen, "the cuts came when there was something to lose")
    }

    /// Commits messages on a disk that begins as a cut left it, or empty, and gives moments at which the power may go.
    private func cuts(
        after start: RecordedDisk.Cut?, seed: UInt64, using random: inout SeededRandom
    ) async throws -> [RecordedDisk.Cut] {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        try Self.write(start, to: directory)
        let disk = RecordedDisk(
            SealVFS.canonical(directory.path), most: Self.cutsInRound, acknowledged: start?.acknowledged ?? 0,
            seed: seed)
        try await RecordingVFS.recording(disk) {
            let store = try Fixture.store(in: directory)
            defer { store.close() }
            // So that the log is copied into the file, and begins anew, often.
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 30") }
            var next = Int(try await store.position())
            // Whoever sends one of these again is told that it is stored.
            disk.acknowledge(next)
            while disk.cuts.count < Self.cutsInRound, next < messages.count {
                let batch = Array(messages[next..<min(messages.count, next + .random(in: 1...8, using: &random))])
                try store.commit(batch)
                next += batch.count
                disk.acknowledge(next)
            }
        }
        return disk.cuts
    }

    private func check(_ cut: RecordedDisk.Cut, _ run: String) async throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        try Self.write(cut, to: directory)
        let store: SQLiteStore
        do {
            store = try Fixture.store(in: directory)
        } catch {
            Issue.record("\(run): cannot be opened: \(error)")
            return
        }
        defer { store.close() }
        let promised = Set(messages.prefix(cut.acknowledged).map(\.id))
        let lost = promised.subtracting(try await store.stored(among: Array(promised)))
        #expect(lost.isEmpty, "\(run): \(lost.count) of \(promised.count) acknowledged messages are lost")
        // The transaction that was under way is there as a whole or not at all.
        let position = Int(try await store.position())
        #expect(position >= cut.acknowledged && position <= cut.acknowledged + 8, "\(run)")
        #expect(try await store.stored(among: messages.prefix(position).map(\.id)).count == position, "\(run)")
        let integrity = try await store.pool.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(integrity == ["ok"], "\(run)")
    }

    private static func write(_ cut: RecordedDisk.Cut?, to directory: TemporaryDirectory) throws {
        for (name, bytes) in cut?.files ?? [:] {
            try Data(bytes).write(to: URL(filePath: directory.file(name)))
        }
    }
}
