import Bus
import Dispatch
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    /// Several receivers have one store open.
    static let sharing = tests { test in
        test("manyWhoOpenAtOnce_makeOneStore") { stores in
            let ids = try await withThrowingTaskGroup(of: StoreID.self) { group in
                for _ in 0..<6 { group.addTask { try await onThread { try stores.open().id } } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }

        test("commitsOfTwoReceivers_storeEachMessageOnce") { stores in
            let (first, second) = (try stores.open(), try stores.open())
            let batches = try batches(of: 400)
            async let mine = commit(batches, to: first)
            async let theirs = commit(batches.reversed(), to: second)
            let results = try await mine + theirs
            #expect(results.flatMap(\.outcomes).count { $0 == .stored } == 400)
            #expect(results.flatMap(\.outcomes).count { $0 == .duplicate } == 400)
            #expect(Set(results.flatMap(\.rows).map(\.position)) == Set(1...400))
            #expect(await first.summary()?.messages == 400)
            #expect(try await second.position() == 400)
        }

        // A reader that goes on behind a position never misses one before it.
        test("readerOfCommits_seesEveryPositionInItsOrder_whileTwoReceiversWrite") { stores in
            let (first, second, reader) = (try stores.open(), try stores.open(), try stores.open())
            let batches = try batches(of: 400)
            async let mine = commit(Array(batches[..<20]), to: first)
            async let theirs = commit(Array(batches[20...]), to: second)
            var seen: [UInt64] = []
            while seen.count < 400 {
                let page = try #require(await reader.page(.after(position: seen.last ?? 0, limit: 50)))
                seen += page.rows.map(\.position)
                try #require(seen == Array(1..<UInt64(seen.count) + 1))
                await Task.yield()
            }
            _ = try await (mine, theirs)
        }

        test("whatOneReceiverWasTold_theOtherDoes") { stores in
            let (first, second) = (try stores.open(), try stores.open())
            let message = try Fixture.message("m", name: "Ada")
            try first.commit([message])
            let before = try await second.position()
            _ = try first.set(Rule(subject: .message(message.id), isActive: true, at: 1))
            #expect(await second.page(.timeline(.init(limit: 9)))?.rows.isEmpty == true)
            #expect(try await second.position() > before)
            _ = try second.set(Rule(subject: .message(message.id), isActive: false, at: 2))
            _ = try second.set(Rule(calling: message.key, try DisplayName("my friend"), at: 1))
            #expect(await first.page(.timeline(.init(limit: 9)))?.rows.map(\.author.shown?.text) == ["my friend"])
            _ = try first.set(Rule(subject: .key(message.key), isActive: true, at: 3))
            #expect(try second.commit([Fixture.message("n")]).outcomes == [.refused(.keyBlocked)])
        }

        test("authorWhoIsBlockedWhileTheyWrite_isShownNoMore") { stores in
            let (first, second) = (try stores.open(), try stores.open())
            let batches = try batches(of: 400)
            try first.commit(batches[0])
            async let written = commit(Array(batches.dropFirst()), to: second)
            let hidden = try first.set(Rule(subject: .key(Fixture.author.publicKey), isActive: true, at: 1))
            let stored = try await written.flatMap(\.outcomes).count { $0 == .stored } + batches[0].count
            #expect(hidden == stored)
            #expect(await first.page(.after(position: 0, limit: 500))?.rows.isEmpty == true)
            let summary = try #require(await second.summary())
            #expect((summary.messages, summary.hidden) == (UInt64(stored), UInt64(stored)))
        }

        test("whatOneReceiverDropped_theOtherDoesNotTake") { stores in
            let (first, second) = (try stores.open(), try stores.open())
            let old = try Fixture.message("old", at: Fixture.now - 7_200_000)
            try first.commit([old])
            #expect(try second.prune(Retention(.init(age: .seconds(3_600))), now: Fixture.now) == 1)
            #expect(try first.commit([old]).outcomes == [.refused(.expired)])
        }

        test("callsAfterTheClose_fail_andOthersGoOn") { stores in
            let (first, second) = (try stores.open(), try stores.open())
            let messages = try Fixture.messages(2)
            try first.commit([messages[0]])
            first.close()
            first.close()
            #expect(throws: StoreError.self) { try first.commit([messages[1]]) }
            #expect(throws: StoreError.self) {
                try first.set(Rule(subject: .message(messages[0].id), isActive: true, at: 1))
            }
            guard case .refused = await first.answer(.summary).body else { return #expect(Bool(false), "not refused") }
            #expect(try second.commit(messages).outcomes == [.duplicate, .stored])
        }

        test("failure_ofAStoreThatIsWell_comesOnlyWithTheEndOfTheTask") { stores in
            let store = try stores.open()
            let watch = Task { await store.failure() }
            try store.commit(Fixture.messages(10))
            watch.cancel()
            #expect(await watch.value == nil)
        }
    }

    /// Of ten messages each.
    private static func batches(of count: Int) throws -> [[SignedMessage]] {
        let messages = try Fixture.messages(count)
        return stride(from: 0, to: count, by: 10).map { Array(messages[$0..<$0 + 10]) }
    }

    @Sendable private static func commit(_ batches: [[SignedMessage]], to store: any Store) async throws -> [Committed]
    {
        try await onThread { try batches.map { try store.commit($0) } }
    }

    /// As receivers do, which run at the same time whatever the tasks of this process wait for.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { done in
            DispatchQueue(label: "receiver").async { done.resume(with: Result { try body() }) }
        }
    }
}
