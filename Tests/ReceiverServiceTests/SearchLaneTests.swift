import Bus
import Logging
import Messages
import ReceiverStore
import ServiceRuntime
import StoreConformance
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import ReceiverService

/// Searches that take long, and what they may hold up.
@Suite(.timeLimit(.minutes(1))) struct SearchLaneTests {
    /// A query server whose searches end when they are told to.
    private final class Rig: Sendable {
        let counters = Counters(service: "receiver")
        let begun = Mailbox<RequestID>()
        let client: FakeClient
        private let loop: Loop
        private let server: LoopBound<QueryServer>
        private let (gate, opener) = AsyncStream.makeStream(of: Void.self)

        init(in directory: TemporaryDirectory) async throws {
            let loop = try Loop(name: "server")
            self.loop = loop
            let endpoint = "ipc://\(directory.file("a.query"))"
            let store = Fixture.storeID()
            var random = SystemRandomNumberGenerator()
            let hello = Hello(
                receiver: ReceiverID(UniqueID(using: &random)), store: store, queryEndpoint: endpoint,
                feedEndpoint: "ipc://\(directory.file("a.feed"))", channels: [], credit: 1, version: "")
            server = try await loop.run { [counters, begun, gate] context in
                let server = try QueryServer(
                    at: endpoint, curve: nil, members: nil, store: store, in: context, counters: counters,
                    answerer: { request, query, _ in
                        begun.append(request)
                        if query.isSearch { for await _ in gate { break } }
                        let answer = Answer(store: store, position: 1, body: .done(request.value))
                        return BusMessage.answer(request, answer).frames()
                    }, controller: { _, _ in [] })
                return LoopBound(server, in: context)
            }
            client = try await FakeClient.connect(to: hello)
        }

        func ask(_ number: UInt64, _ query: Query, waiting wait: UInt32 = 60_000) {
            client.send(BusMessage.query(RequestID(number), query, waitMilliseconds: wait).frames())
        }

        func answer(_ number: UInt64) async throws -> Answer.Body {
            let found = await client.answers.first(within: .seconds(10)) {
                if case .answer(RequestID(number), _) = $0 { true } else { false }
            }
            guard case .answer(_, let answer)? = found?.element else { throw NotInTime("answer \(number)") }
            return answer.body
        }

        /// Ends one search.
        func endOne() { opener.yield() }

        func close() async throws {
            opener.finish()
            await client.close()
            try await loop.run { [server] in server.value(in: $0).close() }
            await loop.shutdown()
        }
    }

    private let directory: TemporaryDirectory
    private let search: Query

    init() throws {
        directory = try TemporaryDirectory()
        search = .timeline(Query.Timeline(search: try SearchQuery("a b a b"), limit: 50))
    }

    @Test func slowSearches_holdUpNoPage() async throws {
        let rig = try await Rig(in: directory)
        for number in 1...40 as ClosedRange<UInt64> { rig.ask(number, search) }
        // Beyond the one that runs and those that wait.
        let held = UInt64(StoreLimits.concurrentSearches + Limits.waitingSearches)
        for number in (held + 1)...40 { #expect(try await rig.answer(number) == .refused(.busy)) }
        for number in 100..<400 as Range<UInt64> {
            rig.ask(number, .timeline(Query.Timeline(limit: 50)))
            #expect(try await rig.answer(number) == .done(number))
        }
        #expect(rig.begun.all.count { $0.value <= 40 } == StoreLimits.concurrentSearches)
        rig.endOne()
        #expect(try await rig.answer(1) == .done(1))
        #expect(rig.counters.snapshot()["searches_refused_busy"] == 40 - held)
        try await rig.close()
    }

    @Test func searchForWhoseAnswerNobodyWaits_isNotBegun_andTakesNoPlace() async throws {
        let rig = try await Rig(in: directory)
        rig.ask(1, search)
        _ = try #require(await rig.begun.first(within: .seconds(10)))
        for number in 2...UInt64(1 + Limits.waitingSearches) { rig.ask(number, search, waiting: 0) }
        // There is no place but theirs.
        rig.ask(50, search)
        rig.ask(51, .channels)
        #expect(try await rig.answer(51) == .done(51))
        rig.endOne()
        #expect(try await rig.answer(1) == .done(1))
        rig.endOne()
        #expect(try await rig.answer(50) == .done(50))
        #expect(rig.begun.all.map(\.value) == [1, 51, 50])
        #expect(rig.counters.snapshot()["searches_outdated"] == UInt64(Limits.waitingSearches))
        try await rig.close()
    }
}
