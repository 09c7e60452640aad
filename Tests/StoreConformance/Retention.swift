import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    private static let day: Int64 = 86_400_000

    /// What is too old, or too much.
    static let retention = tests { test in
        test("age_dropsWhatIsOlder_andKeepsItOut") { stores in
            let store = try stores.open()
            let old = try aged("old", days: 31)
            try store.commit([old, aged("new", days: 29)])
            let before = try await store.position()
            #expect(try store.prune(days(30), now: Fixture.now) == 1)
            #expect(await store.texts() == ["new"])
            #expect(await store.summary()?.messages == 1)
            #expect(try await store.position() > before)
            #expect(try store.commit([old]).outcomes == [.refused(.expired)])
            store.close()
            #expect(try stores.open().commit([old]).outcomes == [.refused(.expired)])
        }

        test("horizons_areThoseOfChannelsThatWereDropped") { stores in
            let store = try stores.open()
            try store.commit([aged("old", days: 31), aged("new", days: 29)])
            #expect(try await store.screening(of: [], by: []).horizons == [:])
            _ = try store.prune(days(30), now: Fixture.now)
            #expect(try await store.screening(of: [], by: []).horizons == [Channel.tweets.end: Fixture.now - 31 * day])
        }

        test("screening_knowsWhatIsStored_andWhoIsBlocked") { stores in
            let store = try stores.open()
            let (stored, other) = (try Fixture.message("stored"), try Fixture.message("other"))
            try store.commit([stored])
            #expect(try await store.screening(of: [stored.id, other.id], by: [stored.key]).stored == [stored.id])
            #expect(try await store.screening(of: [], by: [stored.key]).blocked.isEmpty)
            _ = try store.set(Rule(subject: .key(stored.key), isActive: true, at: Fixture.now))
            #expect(try await store.screening(of: [], by: [stored.key]).blocked == [stored.key])
        }

        test("age_isExact") { stores in
            let store = try stores.open()
            let bound = Fixture.now - 30 * day
            let messages = try (-1...1).map { try Fixture.message("\($0)", at: bound + $0) }
            try store.commit(messages)
            #expect(try store.pruneForecast(days(30), now: Fixture.now) == (1, 3))
            #expect(try store.prune(days(30), now: Fixture.now) == 1)
            #expect(await store.texts() == ["1", "0"])
            let again = try [
                messages[0], Fixture.message("another", at: bound - 1), Fixture.message("later", at: bound),
            ]
            #expect(try store.commit(again).outcomes == [.refused(.expired), .refused(.expired), .stored])
            #expect(try store.prune(days(30), now: Fixture.now) == 0)
        }

        test("horizon_staysBehindTheTimeThatAClockMayBeAhead") { stores in
            let store = try stores.open()
            try store.commit([Fixture.message("old", at: Fixture.now - 14 * 60_000)])
            #expect(try store.prune(Retention(.init(age: .seconds(600))), now: Fixture.now) == 1)
            let late = try Fixture.message("late", at: Fixture.now - 14 * 60_000 - 1)
            #expect(try store.commit([late]).outcomes == [.stored])
        }

        test("widerAge_letsOldMessagesInAgain") { stores in
            let store = try stores.open()
            let old = try aged("old", days: 31)
            try store.commit([old])
            _ = try store.prune(days(30), now: Fixture.now)
            _ = try store.prune(days(40), now: Fixture.now)
            #expect(try store.commit([old]).outcomes == [.stored])
            _ = try store.prune(days(30), now: Fixture.now)
            _ = try store.prune(Retention(), now: Fixture.now)
            #expect(try store.commit([old]).outcomes == [.stored])
        }

        test("clockThatIsNotBelieved_dropsNothingForItsAge") { stores in
            let store = try stores.open()
            try store.commit([aged("old", days: 31), aged("new", days: 1)])
            #expect(try store.pruneForecast(days(30), now: nil) == (0, 2))
            #expect(try store.prune(days(30), now: nil) == 0)
            #expect(await store.texts() == ["new", "old"])
            // Bytes need no clock.
            #expect(try store.prune(Retention(.init(age: .seconds(1), bytes: 1)), now: nil) == 2)
        }

        // More than one transaction's worth.
        test("bytes_dropTheOldestUntilTheRestFits") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(StoreLimits.houseBatch + 100)
            try store.commit(messages)
            let limit = 200_000
            let bounds = Retention(.init(bytes: Int64(limit)))
            let forecast = try store.pruneForecast(bounds, now: Fixture.now)
            let dropped = try store.prune(bounds, now: Fixture.now)
            #expect(forecast.all == messages.count)
            #expect(abs(forecast.dropped - dropped) <= messages.count / 20, "\(forecast.dropped) of \(dropped)")
            let kept = await store.texts()
            #expect(kept.count == messages.count - dropped)
            #expect(kept == messages.suffix(kept.count).reversed().map(\.text), "the newest stay")
            #expect((limit / 1_200...limit / 400).contains(kept.count), "\(kept.count)")
            #expect(try store.prune(bounds, now: Fixture.now) == 0)
            #expect(try store.commit([messages[0]]).outcomes == [.refused(.dropped)])
            // No more than that: others of the same time are taken.
            #expect(try store.commit([Fixture.message("late", at: messages[1].at ?? 0)]).outcomes == [.stored])
            _ = try store.prune(Retention(), now: Fixture.now)
            #expect(try store.commit([messages[0]]).outcomes == [.stored])
        }

        test("channels_haveBoundsOfTheirOwn") { stores in
            let store = try stores.open()
            let garden = try Channel("garden")
            try store.commit([
                aged("tweet", days: 5), aged("flower", days: 5, in: garden), aged("tree", days: 1, in: garden),
            ])
            let bounds = Retention(
                .init(bytes: 1_000_000_000), channels: [garden.end: .init(age: .seconds(2 * 86_400))])
            #expect(try store.prune(bounds, now: Fixture.now) == 1)
            #expect(await Set(store.texts()) == ["tweet", "tree"])
        }

        test("hiddenMessages_goToo") { stores in
            let store = try stores.open()
            let old = try aged("old", days: 31)
            try store.commit([old])
            _ = try store.set(Rule(subject: .message(old.id), isActive: true, at: 1))
            #expect(try store.prune(days(30), now: Fixture.now) == 1)
            #expect(await store.summary()?.messages == 0)
            #expect(await store.summary()?.hidden == 0)
        }

        test("message2011_isAsOldAsItsArrival") { stores in
            let store = try stores.open()
            let message = try Fixture.message("2011", by: Fixture.legacyAuthor)
            try store.commit([message], receivedAt: Fixture.now - 31 * day)
            #expect(try store.prune(days(30), now: Fixture.now) == 1)
            // Nothing in it tells that it is old, so it would be the newest of all each time that it comes again.
            for _ in 0..<2 {
                #expect(try store.commit([message], receivedAt: Fixture.now).outcomes == [.refused(.expired)])
            }
            #expect(try store.prune(days(40), now: Fixture.now) == 0)
            #expect(try store.commit([message], receivedAt: Fixture.now).outcomes == [.stored])
        }

        test("authorsAreSettled_alsoWhereLessThanADayIsKept") { stores in
            let store = try stores.open()
            let key = Fixture.author.publicKey
            let short = Retention(.init(age: .seconds(600)))
            for hours: Int64 in [0, 20, 30] {
                let now = Fixture.now + hours * 3_600_000
                try store.commit([Fixture.message("\(hours)", at: now)])
                #expect(try await store.standings(of: [key], now: now)[key] == (hours < 24 ? .stranger : .settled))
                #expect(try store.prune(short, now: now + 660_000) == 1)
                #expect(await store.summary()?.authors == 0)
            }
            // Not for ever, or each key that was ever used would take room.
            let later = Fixture.now + 8 * day
            try store.commit([Fixture.message("other", at: later - 660_000, by: Fixture.secondAuthor)])
            #expect(try store.prune(short, now: later) == 1)
            try store.commit([Fixture.message("again", at: later)])
            #expect(try await store.standings(of: [key], now: later)[key] == .stranger)
        }

        test("timesOfTheClock_areRemembered") { stores in
            let store = try stores.open()
            #expect(try store.knownTimes() == (nil, nil))
            try store.commit([Fixture.message("1")], receivedAt: Fixture.now)
            try store.commit([Fixture.message("2")], receivedAt: Fixture.now - 7)
            #expect(try store.knownTimes() == (nil, Fixture.now))
            try store.believe(Fixture.now + 5)
            try store.believe(Fixture.now + 3)
            store.close()
            #expect(try stores.open().knownTimes() == (Fixture.now + 5, Fixture.now))
        }
    }

    private static func days(_ count: Int) -> Retention { Retention(.init(age: .seconds(count * 86_400))) }

    private static func aged(_ text: String, days: Int64, in channel: Channel = .tweets) throws -> SignedMessage {
        try Fixture.message(text, at: Fixture.now - days * day, channel: channel)
    }
}

extension Store {
    /// Of all that is shown, the newest first.
    func texts() async -> [String] {
        await page(.timeline(.init(limit: 500)))?.rows.map(\.stored.message.text) ?? []
    }
}
