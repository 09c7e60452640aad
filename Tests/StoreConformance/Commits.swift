import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    /// What is written is there, once, in an order that stays.
    static let commits = tests { test in
        test("commit_givesPositionsInOrder") { stores in
            let store = try stores.open()
            let first = try store.commit(Fixture.messages(3, prefix: "a"))
            let second = try store.commit(Fixture.messages(2, prefix: "b"))
            #expect(first.rows.map(\.position) == [1, 2, 3])
            #expect(second.rows.map(\.position) == [4, 5])
            #expect(second.position == 5)
            #expect(try await store.position() == 5)
            #expect(try await store.messages() == 5)
        }

        test("commit_whenAMessageIsThereAlready_saysDuplicateAndUsesNoPosition") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(3)
            try store.commit([messages[0]])
            let committed = try store.commit([messages[1], messages[0], messages[1], messages[2]])
            #expect(committed.outcomes == [.stored, .duplicate, .duplicate, .stored])
            #expect(committed.rows.map(\.stored.message) == [messages[1], messages[2]])
            #expect(committed.rows.map(\.position) == [2, 3])
            #expect(await store.page(.after(position: 0, limit: 9))?.rows.map(\.stored.message) == messages)
        }

        test("outcomes_areThoseOfTheMessagesInTheirOrder") { stores in
            let store = try stores.open()
            let there = try Fixture.message("there")
            try store.commit([there])
            _ = try store.set(Rule(subject: .key(Fixture.secondAuthor.publicKey), isActive: true, at: 1))
            let early = try Fixture.message("early", at: Fixture.now + 3_600_000)
            let new = try Fixture.message("new")
            let blocked = try Fixture.message("blocked", by: Fixture.secondAuthor)
            let committed = try store.commit([
                Incoming(message: blocked, receivedAt: Fixture.now),
                Incoming(message: early, receivedAt: Fixture.now, isEarly: true),
                Incoming(message: there, receivedAt: Fixture.now), Incoming(message: new, receivedAt: Fixture.now),
            ])
            let refusal = Refusal.early(early, now: Fixture.now)
            #expect(committed.outcomes == [.refused(.keyBlocked), .refused(refusal), .duplicate, .stored])
            #expect(committed.rows.map(\.stored.message) == [new])
        }

        test("message2011_keepsTheTimeOfItsFirstArrival") { stores in
            let store = try stores.open()
            let message = try Fixture.message("old", by: Fixture.legacyAuthor)
            try store.commit([message], receivedAt: 1_000)
            try store.commit([message], receivedAt: 2_000)
            let row = try #require(await store.page(.message(message.id))?.rows.first)
            #expect(row.stored.receivedAt == 1_000)
            #expect(row.stored.cursor == Cursor(time: 1_000, id: message.id))
        }

        test("summary_countsWhatIsThere") { stores in
            let store = try stores.open()
            let other = try Channel("other")
            try store.commit([
                Fixture.message("1"), Fixture.message("2", by: Fixture.secondAuthor),
                Fixture.message("3", channel: other),
            ])
            try store.commit([Fixture.message("1"), Fixture.message("4", by: Fixture.secondAuthor)])
            let summary = try #require(await store.summary())
            #expect(summary.messages == 4)
            #expect(summary.authors == 2)
            #expect(
                summary.channels == [
                    ChannelCount(end: Channel.tweets.end, name: "tweets", messages: 3),
                    ChannelCount(end: other.end, name: nil, messages: 1),
                ])
            #expect(summary.bytes > 4_096)
        }

        test("rows_carryTheNameOfTheirChannel") { stores in
            let store = try stores.open()
            let named = try Channel("named")
            _ = try stores.open(channels: [named])
            let committed = try store.commit([Fixture.message("1", channel: named)])
            #expect(committed.rows.map(\.stored.channel) == ["named"])
            #expect(await store.page(.after(position: 0, limit: 10))?.rows == committed.rows)
        }

        test("stored_findsWhatWasCommittedAndNothingElse") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(4)
            try store.commit(Array(messages.prefix(2)))
            #expect(try await store.stored(among: messages.map(\.id)) == Set(messages.prefix(2).map(\.id)))
        }

        test("whatWasCommitted_isThereAfterTheNextStart") { stores in
            let first = try stores.open()
            let rows = try first.commit(Fixture.messages(20)).rows
            first.close()
            let second = try stores.open()
            #expect(second.id == first.id)
            #expect(try await second.position() == 20)
            #expect(await second.page(.after(position: 0, limit: 50))?.rows == rows)
            #expect(try second.commit([Fixture.message("next")]).rows.map(\.position) == [21])
        }

        test("whatCouldNotBeWritten_isTakenWhenItIsDeliveredAgain_andHasThePlaceOfItsTime") { stores in
            let messages = try Fixture.messages(3)
            let store = try stores.open()
            try store.commit([messages[0]])
            store.close()
            let error = #expect(throws: StoreError.self) { try store.commit([messages[1]]) }
            #expect(error?.code == .failed)
            let opened = try stores.open()
            #expect(try await opened.stored(among: [messages[1].id]).isEmpty)
            try opened.commit([messages[2]])
            // A dead letter, long afterwards, and once more.
            for outcome in [Ack.Outcome.stored, .duplicate] {
                #expect(try opened.commit([messages[1]], receivedAt: Fixture.now + 9_000_000).outcomes == [outcome])
            }
            let page = await opened.page(.timeline(.init(limit: 9)))
            #expect(page?.rows.map(\.stored.message) == messages.reversed())
        }
    }
}
