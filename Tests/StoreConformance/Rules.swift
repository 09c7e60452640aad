import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    /// What an operator hides and blocks.
    static let rules = tests { test in
        test("hiddenMessage_isShownNowhere_untilItIsTakenBack") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(3)
            try store.commit(messages)
            let before = try await store.position()
            #expect(try store.hide(messages[1]) == 1)
            await store.expectShown([messages[0].id, messages[2].id])
            #expect(await store.answer(.message(messages[1].id)).body == .refused(.hidden))
            #expect(await store.summary()?.hidden == 1)
            #expect(try await store.position() > before, "pages that are remembered by the position are out of date")

            #expect(try store.hide(messages[1], false, at: 2) == 1)
            await store.expectShown(Set(messages.map(\.id)))
            #expect(await store.summary()?.hidden == 0)
        }

        test("rulesAboutWhoIsKnown_changeNothingThatIsShown_andTheOldestWordCounts") { stores in
            let store = try stores.open()
            let (key, message) = (Fixture.author.publicKey, try Fixture.message("mine"))
            try store.commit([message])
            let position = try await store.position()
            #expect(try store.adopt([Rule(subject: .known(key), isActive: true, at: 0)]).count == 1)
            #expect(try store.adopt([Rule(subject: .known(key), isActive: true, at: 0)]).count == 0)
            #expect(await store.rules(.known, limit: 9)?.rules.map(\.subject) == [.known(key)])
            #expect(await store.rules(.blockedKey, limit: 9)?.rules == [])
            await store.expectShown([message.id])
            #expect(try await store.position() == position)
            #expect(try await store.standings(of: [key], now: Fixture.now)[key] == .known)
            #expect(try store.adopt([Rule(subject: .known(key), isActive: false, at: 1)]).count == 1)
            #expect(try store.adopt([Rule(subject: .known(key), isActive: true, at: 0)]).count == 0)
            #expect(try await store.standings(of: [key], now: Fixture.now)[key] != .known)
        }

        test("messageThatIsHiddenBeforeItComes_isStoredAndNotShownNorAnnounced") { stores in
            let store = try stores.open()
            let message = try Fixture.message("later")
            #expect(try store.hide(message) == 0)
            let committed = try store.commit([message])
            #expect(committed.outcomes == [.stored])
            #expect(committed.rows.isEmpty)
            await store.expectShown([])
            #expect(await store.summary()?.messages == 1)
            #expect(try store.hide(message, false, at: 2) == 1)
            await store.expectShown([message.id])
        }

        // More than one transaction's worth.
        test("blockedKey_isHiddenAndRefused_untilItIsTakenBack") { stores in
            let store = try stores.open()
            let theirs = try Fixture.messages(StoreLimits.houseBatch + 20)
            let other = try Fixture.message("somebody else", by: Fixture.secondAuthor)
            try store.commit(theirs + [other])
            #expect(try store.block(Fixture.author.publicKey) == theirs.count)
            await store.expectShown([other.id])
            let more = try Fixture.message("more")
            #expect(try store.commit([more]).outcomes == [.refused(.keyBlocked)])

            #expect(try store.block(Fixture.author.publicKey, false, at: 2) == theirs.count)
            #expect(await store.summary()?.hidden == 0)
            #expect(try store.commit([more]).outcomes == [.stored])
        }

        test("messageThatIsHiddenAndOfABlockedKey_needsBothTakenBack") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(2)
            try store.commit(messages)
            _ = try store.hide(messages[0])
            _ = try store.block(Fixture.author.publicKey)
            _ = try store.hide(messages[0], false, at: 2)
            await store.expectShown([])
            _ = try store.block(Fixture.author.publicKey, false, at: 2)
            await store.expectShown(Set(messages.map(\.id)))

            _ = try store.hide(messages[0], at: 3)
            _ = try store.block(Fixture.author.publicKey, at: 3)
            _ = try store.block(Fixture.author.publicKey, false, at: 4)
            await store.expectShown([messages[1].id])
        }

        test("olderWord_isNoNews") { stores in
            let store = try stores.open()
            let message = try Fixture.message("m")
            try store.commit([message])
            #expect(try store.hide(message, at: 5) == 1)
            for at: Int64 in [4, 5] { #expect(try store.hide(message, false, at: at) == 0) }
            await store.expectShown([])
            let page = try #require(await store.rules(.hiddenMessage, limit: 10))
            #expect(page.rules == [Rule(subject: .message(message.id), isActive: true, at: 5, reason: "because")])
            #expect(!page.more)
        }

        test("rules_areThereAfterTheNextStart_alsoThoseThatWereTakenBack") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(3)
            let key = Fixture.secondAuthor.publicKey
            try store.commit(messages)
            _ = try store.hide(messages[0])
            _ = try store.hide(messages[1])
            _ = try store.hide(messages[1], false, at: 2)
            _ = try store.block(key)
            _ = try store.set(Rule(calling: key, try DisplayName("my foe"), at: 3))
            store.close()
            let opened = try stores.open()
            await opened.expectShown([messages[1].id, messages[2].id])
            #expect(
                try opened.commit([Fixture.message("m", by: Fixture.secondAuthor)]).outcomes == [.refused(.keyBlocked)])
            let hidden = try #require(await opened.rules(.hiddenMessage, limit: 10)).rules
            #expect(
                Dictionary(uniqueKeysWithValues: hidden.map { ($0.subject, $0.isActive) }) == [
                    .message(messages[0].id): true, .message(messages[1].id): false,
                ])
            #expect(
                await opened.rules(.blockedKey, limit: 10)?.rules == [Rule(subject: .key(key), isActive: true, at: 1)])
            #expect(await opened.rules(.pinnedName, limit: 10)?.rules.map(\.reason) == ["my foe"])
        }

        test("rulesOfAnotherStore_areTakenWhereTheyAreNews") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(3)
            try store.commit(messages)
            _ = try store.hide(messages[0], at: 5)
            let theirs = [
                Rule(subject: .message(messages[0].id), isActive: false, at: 4),
                Rule(subject: .message(messages[1].id), isActive: true, at: 4),
                Rule(subject: .key(Fixture.secondAuthor.publicKey), isActive: true, at: 4),
            ]
            #expect(try store.adopt(theirs).count == 2)
            await store.expectShown([messages[2].id])
            #expect(try store.adopt(theirs).count == 0)
            #expect(try store.adopt([Rule(subject: .message(messages[0].id), isActive: false, at: 6)]).count == 1)
            await store.expectShown([messages[0].id, messages[2].id])
        }

        test("rulesThatAreDone_areFinishedWithoutAChange") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(3)
            let other = try Fixture.message("somebody else", by: Fixture.secondAuthor)
            try store.commit(messages + [other])
            _ = try store.block(Fixture.author.publicKey)
            _ = try store.hide(other)
            let before = try await store.position()
            try store.finishRules()
            await store.expectShown([])
            #expect(await store.summary()?.hidden == 4)
            #expect(try await store.position() == before)
        }

        test("rules_arePaged") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(5)
            for message in messages { _ = try store.hide(message) }
            _ = try store.block(Fixture.author.publicKey)
            var found: [MessageID] = []
            var last: [UInt8]?
            var isMore = true
            while isMore, found.count <= messages.count {
                let page = try #require(await store.rules(.hiddenMessage, after: last, limit: 2))
                for rule in page.rules { if case .message(let id) = rule.subject { found.append(id) } }
                last = page.rules.last?.subjectBytes
                isMore = page.more
            }
            #expect(found == messages.map(\.id).sorted())
        }
    }
}

extension Store {
    fileprivate func hide(_ message: SignedMessage, _ isActive: Bool = true, at: Int64 = 1) throws -> Int {
        try set(Rule(subject: .message(message.id), isActive: isActive, at: at, reason: "because"))
    }

    fileprivate func block(_ key: PublicKey, _ isActive: Bool = true, at: Int64 = 1) throws -> Int {
        try set(Rule(subject: .key(key), isActive: isActive, at: at))
    }

    /// Every way by which readers get at messages shows the same.
    fileprivate func expectShown(_ expected: Set<MessageID>, _ location: SourceLocation = #_sourceLocation) async {
        func shown(_ query: Query) async -> Set<MessageID> {
            Set(await page(query)?.rows.map(\.stored.message.id) ?? [])
        }
        for query in [
            .timeline(.init(limit: 500)), .after(position: 0, limit: 500),
            .timeline(.init(end: Channel.tweets.end, limit: 500)),
        ] as [Query] {
            #expect(await shown(query) == expected, "\(query)", sourceLocation: location)
        }
        for id in expected { #expect(await shown(.message(id)) == [id], sourceLocation: location) }
    }
}
