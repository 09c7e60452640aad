import Foundation
import Messages
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// How long a large store of an earlier version takes to be opened; run with `P2PMSG_BENCHMARK=1` in a release build.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["P2PMSG_BENCHMARK"] != nil))
struct ConversionBenchmarks {
    private static let count =
        ProcessInfo.processInfo.environment["P2PMSG_BENCHMARK_COUNT"].flatMap { Int($0) } ?? 1_000_000

    @Test func opening_ofAMillionMessages_takesAMinuteAtMost() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store.sqlite")
        let keys = (0..<1_000).map { _ in Identity.generate(.ed25519).publicKey.text }
        let signals = try Fixture.message("signed").signals
        let messages = try (0..<Self.count).map { number in
            var signals = signals
            signals["+key"] = keys[number % keys.count]
            signals["+message"] = "message number \(number), as long as people write them, which is not very long"
            signals["+at"] = "\(Fixture.now + Int64(number) * 1_000)"
            return (try SignedMessage(signals: signals), Fixture.now + Int64(number) * 1_000 + 50)
        }
        try OldStore.make(at: path, version: 8, messages)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? 0
        var told = 0
        let (start, used) = (ContinuousClock.now, clock())
        let store = try SQLiteStore.open(path: path, channels: [.tweets], progress: { _, _ in told += 1 })
        let (time, work) = (start.duration(to: .now), Double(clock() - used) / Double(CLOCKS_PER_SEC))
        #expect(await store.summary()?.messages == UInt64(Self.count))
        store.close()
        print(
            "\(Self.count) messages, \(size) bytes: \(time), \(work) s of processor time, progress told \(told) times")
        #expect(time <= .seconds(60))
    }
}
