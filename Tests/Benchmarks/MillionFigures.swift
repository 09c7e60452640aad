import Bus
import BusClient
import Dispatch
import Foundation
import Messages
import Synchronization
import TestSupport

extension Benchmark {
    /// A store of a million messages, sent through a whole node: what the receiver holds in memory, how long a page
    /// takes wherever it lies, how long a search takes however many match, and whether the rate of sending holds.
    static let million = Benchmark(name: "million") {
        let rounds = 50
        let node = try await TestNode.start()
        let writer = try Writer(node)
        let wall = MillionWall(messages: 1_000_000)
        let perRound = wall.messages / rounds
        var rates: [Double] = []
        for round in 0..<rounds {
            let messages = try wall.signed(round * perRound..<(round + 1) * perRound)
            let begin = ContinuousClock.now
            try await writer.send(messages, inFlight: 100)
            rates.append(Double(perRound) / (ContinuousClock.now - begin).seconds)
            if round % 5 == 4 { Benchmarks.note("  \((round + 1) * perRound) messages: \(rates[round].short) sends/s") }
        }
        let pages = try await wall.pages(through: writer.client)
        let searches = try await wall.searches(through: writer.client)
        let memory = try residentMegabytes(Binaries.receiver, of: node)
        await writer.client.close()
        _ = try await node.stop()
        // A tenth of the rounds at each end; the first one also warms the processes.
        let empty = Samples(Array(rates[1..<6])).median
        let full = Samples(Array(rates.suffix(5))).median
        let worst = pages.map { $0.quantile(0.99) }.max() ?? .nan
        let medians = pages.map(\.median)
        return [
            Figure(
                what: "receiver's resident memory with 1,000,000 messages", goal: "≤ 100 MB",
                measured: "\(memory.short) MB", isMet: memory <= 100, how: "VmRSS, after the pages below"),
            Figure(
                what: "a page of 50 anywhere in 1,000,000 messages, p99", goal: "≤ 5 ms", measured: "\(worst.short) ms",
                isMet: worst <= 5,
                how: "worst tenth of the timeline, over the bus; medians of the tenths "
                    + "\((medians.min() ?? .nan).short) to \((medians.max() ?? .nan).short) ms"),
            Figure(
                what: "a search in 1,000,000 messages, the newest 50 that match, p99", goal: "≤ 100 ms",
                measured: "\((searches.map { $0.samples.quantile(0.99) }.max() ?? .nan).short) ms",
                isMet: searches.allSatisfy { $0.samples.quantile(0.99) <= 100 },
                how: "over the bus; medians: "
                    + searches.map { "“\($0.text)” \($0.samples.median.short) ms" }.joined(separator: ", ")),
            Figure(
                what: "acknowledged sends a second into a store of a million, beside an empty one", goal: "≥ 0.8",
                measured: "\(full.short) / \(empty.short) = \((full / empty).short)", isMet: full >= 0.8 * empty,
                how: "medians of 5 rounds of \(perRound), 100 in flight"),
        ]
    }
}

/// The messages of the figure: a second apart, of a hundred authors.
private struct MillionWall: Sendable {
    let messages: Int
    private let authors = (0..<100).map { _ in Identity.generate(.ed25519) }
    /// The time of the first one, milliseconds since 1970.
    private let start: Int64

    init(messages: Int) {
        self.messages = messages
        start = Int64(Date().timeIntervalSince1970 * 1_000) - Int64(messages) * 1_000
    }

    /// Signed on all cores, before any clock starts.
    func signed(_ range: Range<Int>) throws -> [SignedMessage] {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let share = (range.count + cores - 1) / cores
        let parts = Mutex<[Int: [SignedMessage]]>([:])
        DispatchQueue.concurrentPerform(iterations: cores) { core in
            let part = range.dropFirst(core * share).prefix(share).compactMap { number in
                try? authors[number % authors.count].sign(
                    "message \(number), about as long as what people write on a wall", channel: .tweets,
                    at: start + Int64(number) * 1_000)
            }
            parts.withLock { $0[core] = part }
        }
        let messages = parts.withLock { parts in (0..<cores).flatMap { parts[$0] ?? [] } }
        guard messages.count == range.count else { throw NotInTime("a message could not be signed") }
        return messages
    }

    /// Milliseconds of searches: for what is in every message, in one of a hundred, in twenty thousand of the oldest, in
    /// one, and in none.
    func searches(through client: BusClient) async throws -> [(text: String, samples: Samples)] {
        var found: [(text: String, samples: Samples)] = []
        for text in ["wall", "wall people", "\"message 77\"*", "\"message 12\"*", "message 777777", "message nowhere"] {
            var taken: [Double] = []
            for round in 0..<40 {
                let query = Query.timeline(Query.Timeline(search: try SearchQuery(text), limit: 50))
                let begin = ContinuousClock.now
                let answer = try await client.query(query)
                guard case .rows = answer.body else { throw NotInTime("a search for \(text): \(answer.body)") }
                if round >= 4 { taken.append((ContinuousClock.now - begin).milliseconds) }
            }
            found.append((text, Samples(taken)))
        }
        return found
    }

    /// Milliseconds of pages that begin at random places, in each tenth of the timeline.
    func pages(through client: BusClient) async throws -> [Samples] {
        let id = try signed(0..<1)[0].id
        var tenths: [[Double]] = Array(repeating: [], count: 10)
        for round in 0..<2_200 {
            let tenth = round % 10
            let place = Int64.random(in: 50..<Int64(messages / 10)) + Int64(tenth * messages / 10)
            let query = Query.timeline(
                Query.Timeline(before: Cursor(time: start + place * 1_000, id: id), end: Channel.tweets.end, limit: 50))
            let begin = ContinuousClock.now
            let answer = try await client.query(query)
            let taken = (ContinuousClock.now - begin).milliseconds
            guard case .rows(let rows, _) = answer.body, rows.count == 50 else {
                throw NotInTime("a page at \(place): \(answer.body)")
            }
            // The first ones warm the connections.
            if round >= 200 { tenths[tenth].append(taken) }
        }
        return tenths.map(Samples.init)
    }
}
