import Bus
import Foundation
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TelehashWire
import TestSupport
import Testing

@testable import ReceiverService

/// Figures of the receiver alone, printed; run with `P2PMSG_BENCHMARK=1` in a release build.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["P2PMSG_BENCHMARK"] != nil))
struct ReceiverBenchmarks {
    /// `P2PMSG_BENCHMARK_COUNT` messages, delivered `…_BATCH` at a time, `…_WINDOW` under way.
    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment["P2PMSG_BENCHMARK_" + name].flatMap { Int($0) }
    }

    private static let count = setting("COUNT") ?? 100_000

    private static func memory(of process: String = "self") -> String {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let wanted = ["VmRSS", "VmHWM", "RssAnon", "RssFile", "RssShmem"]
        return status.split(separator: "\n").filter { line in wanted.contains { line.hasPrefix($0) } }
            .map { $0.split(separator: "\t", omittingEmptySubsequences: true).joined(separator: " ") }
            .joined(separator: ", ")
    }

    private static func sample(_ range: Range<Int>, authors: [Identity]) throws -> [SignedMessage] {
        try range.map { number in
            let text = "message number \(number), as long as people write them, which is not very long on average"
            return try authors[number % authors.count].sign(text, channel: .tweets, at: Fixture.now + Int64(number))
        }
    }

    /// Batches of 100 into one store; the rate must stay flat, the pages fast.
    @Test func store() async throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let authors = (0..<1_000).map { _ in Identity.generate(.ed25519) }
        var verifying = Duration.zero
        var writing = Duration.zero
        let step = max(10_000, Self.count / 10)
        for start in stride(from: 0, to: Self.count, by: 100) {
            let batch = try Self.sample(start..<start + 100, authors: authors)
            let clock = ContinuousClock()
            verifying += clock.measure { for message in batch { _ = message.isSignatureValid() } }
            writing += try clock.measure { try store.commit(batch) }
            if (start + 100) % step == 0 {
                print(
                    "rows \(start + 100): commit of 100 \(writing.milliseconds / Double(step) * 100) ms, "
                        + "\(Int(Double(step) / writing.seconds)) rows/s; verify \(verifying.seconds / Double(step) * 1e6) us each; "
                        + Self.memory())
                (verifying, writing) = (.zero, .zero)
            }
        }
        try await Self.pages(of: store, author: authors[7].publicKey)
    }

    private static func pages(of store: any Store, author: PublicKey) async throws {
        var random = SeededRandom(seed: 5)
        for (name, end, author) in [
            ("all", nil, nil), ("channel", Channel.tweets.end, nil), ("author", nil, author),
            ("both", Channel.tweets.end, author),
        ] as [(String, NodeID?, PublicKey?)] {
            var worst = Duration.zero
            var sum = Duration.zero
            for _ in 0..<200 {
                let time = Fixture.now + .random(in: 0..<Int64(count), using: &random)
                let cursor = Cursor(time: time, id: try Fixture.message("x").id)
                let query = Query.timeline(Query.Timeline(before: cursor, end: end, author: author, limit: 50))
                let taken = await ContinuousClock().measure { _ = await store.answer(query) }
                worst = max(worst, taken)
                sum += taken
            }
            print("page of 50 (\(name)): mean \(sum.milliseconds / 200) ms, worst \(worst.milliseconds) ms")
        }
        print("summary: \(await ContinuousClock().measure { _ = await store.answer(.summary) }.milliseconds) ms")
    }

    /// A receiver process behind a fake router: latency of one at a time, rate with a window, memory.
    @Test func process() async throws {
        let directory = try TemporaryDirectory()
        let bus = "ipc://\(directory.file("bus/router.ipc"))"
        let router = try await FakeRouter.bind(bus)
        let beats = Task {
            while !Task.isCancelled { router.send(.routerBeat); try? await letTimePass(.seconds(1)) }
        }
        let process = Process()
        process.executableURL = URL(
            filePath: ProcessInfo.processInfo.environment["P2PMSG_RECEIVER"] ?? Binaries.directory + "/ReceiverService")
        process.arguments = ["--bus", bus, "--store", directory.file("store.sqlite")]
        let begin = ContinuousClock.now
        try process.run()
        _ = try await router.hello()
        print(
            "start to hello: \(begin.duration(to: .now).milliseconds) ms; \(Self.memory(of: "\(process.processIdentifier)"))"
        )
        let authors = (0..<100).map { _ in Identity.generate(.ed25519) }
        var next = try await Self.latency(router, authors)

        let window = Self.setting("WINDOW") ?? 512
        let batchSize = Self.setting("BATCH") ?? 100
        let messages = try Self.sampleNow(next..<next + Self.count, authors: authors)
        let cpu = Self.cpuSeconds(process.processIdentifier)
        let start = ContinuousClock.now
        var sent = 0
        var acked = 0
        var mark = router.received.count
        while acked < messages.count {
            while sent < messages.count, sent - acked < window {
                let batch = Array(messages[sent..<min(sent + min(batchSize, window), messages.count)])
                router.deliver(batch, from: UInt64(next + sent))
                sent += batch.count
            }
            guard let found = await router.received.first(from: mark, within: .seconds(30)) else {
                throw NotInTime("acks")
            }
            mark = found.index + 1
            if case .acks(let acks) = found.element { acked += acks.count }
        }
        next += sent
        let seconds = start.duration(to: .now).seconds
        let used = Self.cpuSeconds(process.processIdentifier) - cpu
        print(
            "\(acked) acknowledged in \(seconds) s: \(Int(Double(acked) / seconds)) per second; "
                + "CPU of the receiver \(used / Double(acked) * 1e6) us each")
        print("after \(next): \(Self.memory(of: "\(process.processIdentifier)"))")
        beats.cancel()
        let stop = ContinuousClock.now
        process.terminate()
        process.waitUntilExit()
        print("stopped in \(stop.duration(to: .now).milliseconds) ms with \(process.terminationStatus)")
        await router.close()
    }

    private static func sampleNow(_ range: Range<Int>, authors: [Identity]) throws -> [SignedMessage] {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        return try range.map {
            try authors[$0 % authors.count].sign(
                "message number \($0), of the usual length of a text that one writes on a wall", channel: .tweets,
                at: now)
        }
    }

    private static func latency(_ router: FakeRouter, _ authors: [Identity]) async throws -> Int {
        var times: [Double] = []
        for (number, message) in try sampleNow(1..<2_001, authors: authors).enumerated() {
            let mark = router.received.count
            let start = ContinuousClock.now
            router.deliver([message], from: UInt64(number + 1))
            _ = try await router.acks(1, from: mark)
            times.append(start.duration(to: .now).milliseconds)
        }
        times.sort()
        print("deliver to ack, one at a time: p50 \(times[1_000]) ms, p99 \(times[1_980]) ms, worst \(times[1_999]) ms")
        return 2_001
    }

    private static func cpuSeconds(_ process: Int32) -> Double {
        let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / 100
    }
}
