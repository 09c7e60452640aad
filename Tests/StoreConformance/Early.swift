import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    private static let hour: Int64 = 3_600_000

    /// Messages that are dated too far ahead.
    static let early = tests { test in
        test("messageKeptAside_isRefused_andNowhere") { stores in
            let store = try stores.open()
            let message = try early("quokka")
            let committed = try store.keep([message])
            guard case .refused(let refusal) = committed.outcomes[0] else {
                return #expect(Bool(false), "\(committed)")
            }
            #expect(refusal.code == "at_in_future")
            #expect(committed.rows.isEmpty)
            #expect(await store.texts().isEmpty)
            let search = Query.Timeline(search: try SearchQuery("quokka"), limit: 9)
            #expect(await store.page(.timeline(search))?.rows.isEmpty == true)
            #expect(await store.page(.message(message.id))?.rows.isEmpty == true)
            #expect(await store.page(.after(position: 0, limit: 9))?.rows.isEmpty == true)
            let summary = try #require(await store.summary())
            #expect((summary.messages, summary.authors, summary.hidden) == (0, 0, 0))
            #expect(try await store.stored(among: [message.id]).isEmpty)
            #expect(try await store.position() == 0)
            // Twice is once.
            try store.keep([message])
            #expect(try store.earlyMessages(since: 0).messages == 1)
        }

        test("messageKeptAside_isDueWhenItsTimeHasCome_alsoAfterTheNextStart") { stores in
            let store = try stores.open()
            let messages = try [early("second", at: 2 * hour), early("first")]
            try store.keep(messages)
            store.close()
            let opened = try stores.open()
            let time = Fixture.now + hour - MessageLimits.aheadMilliseconds
            #expect(try opened.dueMessages(now: time - 1).isEmpty)
            #expect(try opened.dueMessages(now: time).map(\.message) == [messages[1]])
            let all = try opened.dueMessages(now: time + hour)
            #expect(all.map(\.message) == messages.reversed(), "in the order of their times")
            #expect(all.map(\.id) == messages.reversed().map(\.id))
            #expect(all.map(\.place.at) == [Fixture.now + hour, Fixture.now + 2 * hour])
            try opened.forgetEarly([messages[1].id])
            #expect(try opened.dueMessages(now: time + hour).map(\.message) == [messages[0]])
            #expect(try opened.earlyMessages(since: 0).messages == 1)
        }

        // More than one look's worth, many of one time.
        test("dueMessages_fromPlaceToPlace_areAll") { stores in
            let store = try stores.open()
            let messages = try (0..<StoreLimits.houseBatch + 20).map { try early("\($0)", at: hour + Int64($0 / 200)) }
            try store.keep(messages)
            var seen: [EarlyMessage] = []
            while true {
                let due = try store.dueMessages(now: Fixture.now + 2 * hour, after: seen.last?.place ?? .first)
                guard !due.isEmpty else { break }
                #expect(due.count <= StoreLimits.houseBatch)
                seen += due
                try #require(seen.count <= messages.count)
            }
            #expect(Set(seen.map(\.id)) == Set(messages.map(\.id)))
            #expect(seen.count == messages.count)
        }

        test("messageThatCameInTimeAfterAll_isStored") { stores in
            let store = try stores.open()
            let message = try early("redelivered")
            try store.keep([message])
            #expect(try store.commit([message]).outcomes == [.stored])
            #expect(try store.keep([message]).outcomes.count == 1)
            #expect(await store.texts() == ["redelivered"])
        }

        test("authorsOfMessagesKeptAside_areCountedSinceTheyCame") { stores in
            let store = try stores.open()
            try store.keep([early("1"), early("2", by: Fixture.secondAuthor)])
            try store.keep([early("3")], receivedAt: Fixture.now + 5)
            #expect(try store.earlyMessages(since: Fixture.now) == (3, 2))
            #expect(try store.earlyMessages(since: Fixture.now + 1) == (3, 1))
            #expect(try store.earlyMessages(since: Fixture.now + 6) == (3, 0))
        }

        test("blockedAuthor_losesWhatWasKeptAside_andGetsNothingIn") { stores in
            let store = try stores.open()
            try store.keep([early("before the block"), early("of somebody else", by: Fixture.secondAuthor)])
            _ = try store.set(Rule(subject: .key(Fixture.author.publicKey), isActive: true, at: 1))
            #expect(try store.keptAside() == ["of somebody else"])
            #expect(try store.keep([early("after the block")]).outcomes == [.refused(.keyBlocked)])
            #expect(try store.keptAside() == ["of somebody else"])
        }

        test("tooMany_loseTheUnknownFirst_andTheFurthest") { stores in
            let store = try stores.open()
            // Somebody of whom a message is here, and somebody whose name is pinned.
            try store.commit([Fixture.message("here")])
            let pinned = Identity.generate(.ed25519)
            _ = try store.set(Rule(calling: pinned.publicKey, try DisplayName("friend"), at: 1))
            try store.keep([early("known", at: 9_000 * hour), early("pinned", at: 9_000 * hour, by: pinned)])
            let flood = try flood(StoreLimits.earlyMessages - 2)
            for start in stride(from: 0, to: flood.count, by: 1_000) {
                try store.keep(Array(flood[start..<min(start + 1_000, flood.count)]))
            }
            #expect(try store.earlyMessages(since: 0).messages == StoreLimits.earlyMessages)
            try store.keep([early("further than all", at: 900 * hour, by: Fixture.secondAuthor)])
            #expect(try store.earlyMessages(since: 0).messages == StoreLimits.earlyMessages)
            let after = try store.keptAside()
            #expect(after.isSuperset(of: ["known", "pinned", flood.last?.text ?? ""]))
            #expect(!after.contains("further than all"))
            try store.keep([early("near", by: Fixture.secondAuthor)])
            let last = try store.keptAside()
            #expect(last.isSuperset(of: ["known", "pinned", "near"]))
            #expect(!last.contains(flood.last?.text ?? ""), "the furthest of them has gone")
            #expect(last.count == StoreLimits.earlyMessages)
        }

        test("tooManyBytes_areTooMany") { stores in
            let store = try stores.open()
            let flood = try flood(Int(StoreLimits.earlyBytes) / 850, padding: 850)
            for start in stride(from: 0, to: flood.count, by: 1_000) {
                try store.keep(Array(flood[start..<min(start + 1_000, flood.count)]))
            }
            let bytes = try store.allAside().reduce(0) { $0 + $1.encoded().count }
            #expect(bytes <= Int(StoreLimits.earlyBytes))
            #expect(bytes > Int(StoreLimits.earlyBytes) - 2 * MessageLimits.encodedBytes, "no more than necessary went")
        }

        test("advance_givesANewPositionWithoutAMessage") { stores in
            let store = try stores.open()
            try store.commit([Fixture.message("1")])
            try store.advancePosition()
            #expect(try await store.position() == 2)
            #expect(try store.commit([Fixture.message("2")]).rows.map(\.position) == [3])
            #expect(await store.page(.after(position: 1, limit: 9))?.rows.map(\.position) == [3])
        }
    }

    private static func early(
        _ text: String, at: Int64 = hour, by identity: Identity = Fixture.author
    ) throws -> SignedMessage { try Fixture.message(text, at: Fixture.now + at, by: identity) }

    /// Messages of somebody unknown, each dated a little further ahead. A store believes signatures, which cost too much.
    private static func flood(_ count: Int, padding: Int = 0) throws -> [SignedMessage] {
        let signals = try early("signed", by: Fixture.secondAuthor).signals
        return try (0..<count).map { number in
            var signals = signals
            signals["+message"] = "\(number) " + String(repeating: "x", count: padding)
            signals["+at"] = "\(Fixture.now + 2 * hour + Int64(number))"
            return try SignedMessage(signals: signals)
        }
    }
}

extension Store {
    fileprivate func dueMessages(now: Int64) throws -> [EarlyMessage] { try dueMessages(now: now, after: .first) }

    @discardableResult
    fileprivate func keep(_ messages: [SignedMessage], receivedAt: Int64 = Fixture.now) throws -> Committed {
        try commit(messages.map { Incoming(message: $0, receivedAt: receivedAt, isEarly: true) })
    }

    fileprivate func allAside() throws -> [SignedMessage] {
        var messages: [SignedMessage] = []
        var place = EarlyMessage.Place.first
        while true {
            let due = try dueMessages(now: Fixture.now * 2, after: place)
            guard let last = due.last else { return messages }
            messages += due.compactMap(\.message)
            try #require(messages.count <= StoreLimits.earlyMessages)
            place = last.place
        }
    }

    fileprivate func keptAside() throws -> Set<String> { Set(try allAside().map(\.text)) }
}
