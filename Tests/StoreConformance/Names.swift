import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    private static let first = Fixture.author
    private static let second = Fixture.secondAuthor

    /// What a store calls authors.
    static let names = tests { test in
        test("newestClaim_isTheNameOfEveryMessage_inWhateverOrderTheyCome") { stores in
            let store = try stores.open()
            let messages = [
                try claim("Ada"), try claim("Countess", at: 9), try claim("Byron", at: 5), try claim(nil, at: 20),
            ]
            let committed = try store.commit(messages)
            #expect(committed.rows.map { $0.author.shown?.text } == ["Ada", "Countess", "Countess", "Countess"])
            try store.commit([claim(nil, at: -1, by: second)])
            let expected: [String?] = ["Countess", "Countess", "Countess", "Countess", nil]
            #expect(await store.names() == expected)
            #expect(await store.names(.after(position: 0, limit: 500)) == expected)
            #expect(await store.names(.timeline(.init(author: first.publicKey, limit: 1))) == ["Countess"])
            #expect(await store.names(.message(messages[0].id)) == ["Countess"])
            let search = Query.timeline(.init(search: try SearchQuery("Byron"), limit: 9))
            #expect(await store.names(search) == ["Countess"])
        }

        test("claimThatIsTakenBackOrHidden_givesWayToTheOneBefore") { stores in
            let store = try stores.open()
            let new = try claim("Countess", at: 1)
            try store.commit([claim("Ada"), new])
            _ = try store.set(Rule(subject: .message(new.id), isActive: true, at: 1))
            #expect(await store.names() == ["Ada"])
            _ = try store.set(Rule(subject: .message(new.id), isActive: false, at: 2))
            #expect(await store.names() == ["Countess", "Countess"])
            try store.commit([claim("", at: 2)])
            #expect(await store.names() == [nil, nil, nil])
        }

        test("claimThatIsNoName_countsAsNone") { stores in
            let store = try stores.open()
            try store.commit([claim("Ada"), claim("a\u{202E}b", at: 1)])
            #expect(await store.names() == ["Ada", "Ada"])
        }

        test("pinnedName_standsAboveTheClaim_untilItIsTakenBack") { stores in
            let store = try stores.open()
            let key = first.publicKey
            let pin = Rule(calling: key, try DisplayName("my friend"), at: 5)
            #expect(try store.set(pin) == 0, "before anything came of that key")
            try store.commit([claim("Ada"), claim("Ada", at: -1, by: second)])
            let row = try #require(await store.page(.timeline(.init(limit: 1)))?.rows.first)
            #expect(row.author == AuthorName(claimed: try DisplayName("Ada"), pinned: try DisplayName("my friend")))
            #expect(await store.names() == ["my friend", "Ada"])

            let position = try await store.position()
            _ = try store.set(Rule(calling: key, try DisplayName("my foe"), at: 6))
            #expect(try await store.position() > position, "pages that are remembered by the position are out of date")
            #expect(await store.names() == ["my foe", "Ada"])
            _ = try store.set(pin)
            #expect(await store.names() == ["my foe", "Ada"], "the newest word counts")
            _ = try store.set(Rule(subject: .name(of: key), isActive: false, at: 7))
            #expect(await store.names() == ["Ada", "Ada"])
        }

        test("blockedKeyWithAPinnedName_isBlockedAllTheSame") { stores in
            let store = try stores.open()
            let key = first.publicKey
            try store.commit([claim(nil)])
            _ = try store.set(Rule(calling: key, try DisplayName("my foe"), at: 5))
            #expect(try store.set(Rule(subject: .key(key), isActive: true, at: 6)) == 1)
            #expect(await store.names() == [])
            _ = try store.set(Rule(subject: .name(of: key), isActive: false, at: 7))
            try store.finishRules()
            #expect(await store.names() == [])
        }

        let ada = ["Ada", "ADA", "Adá", "Ａｄａ", "Аdа", "A d a", "Ad-a", "ada.", "ᴀᴅᴀ", "ᎪᎠᎪ", "ꓮꓓꓮ"].map { ("Ada", $0) }
        for (earlier, name) in ada + ["Aӏison", "Alisօn", "AǀiꜱoՈ", "A|iѕσn"].map({ ("Alison", $0) })
            + ["Maгk Ьarrovv", "rnark barrow"].map({ ("Mark Barrow", $0) })
        {
            test("laterAuthorOfAName_isMarked_howeverItIsWritten: \(name)") { stores in
                let store = try stores.open()
                try store.commit([claim(earlier)])
                // Whose clock says it was earlier came later all the same.
                let committed = try store.commit([claim(name, at: -5, by: second)])
                #expect(committed.rows.map(\.author.namesake) == [first.publicKey])
                #expect(await store.namesakes() == [nil, first.publicKey])
                store.close()
                #expect(try await stores.open().namesakes() == [nil, first.publicKey])
            }
        }

        for name in ["Adam", "Eda", "Ada 2", "小林"] {
            test("anotherName_isNotMarked: \(name)") { stores in
                let store = try stores.open()
                try store.commit([claim("Ada"), claim(name, by: second)])
                #expect(await store.namesakes() == [nil, nil])
            }
        }

        test("nameThatWasGivenUpOrHidden_isNobodys") { stores in
            let store = try stores.open()
            try store.commit([claim("Ada"), claim("ada", at: -1, by: second)])
            #expect(await store.namesakes() == [nil, first.publicKey])
            _ = try store.set(Rule(subject: .key(first.publicKey), isActive: true, at: 1))
            #expect(await store.namesakes() == [nil])
            _ = try store.set(Rule(subject: .key(first.publicKey), isActive: false, at: 2))
            #expect(await store.namesakes() == [nil, first.publicKey])
            try store.commit([claim("Countess", at: 1)])
            #expect(await store.namesakes() == [nil, nil, nil])
            // Who had it first has it still, when it is taken up again.
            try store.commit([claim("Ada", at: 2)])
            #expect(await store.namesakes() == [nil, nil, nil, first.publicKey])
        }

        for former in [8, 100] {
            test("nameThat\(former)AuthorsGaveUp_isItsFirstHolders") { stores in
                let store = try stores.open()
                for number in 0..<former {
                    let author = Identity.generate(.ed25519)
                    try store.commit([claim("Ada", by: author), claim("Eve \(number)", at: 1, by: author)])
                }
                try store.commit([claim("Ada", at: 2), claim("Ada", at: 3, by: second)])
                #expect(await store.namesakes().prefix(3) == [first.publicKey, nil, nil])
                let found = await store.answer(.find(.name(try DisplayName("Ada")))).body
                guard case .found(let candidates) = found else { throw StoreError(.failed, "\(found)") }
                #expect(candidates.count == 2)
            }
        }

        test("nameOfWhomTheOperatorNamedSo_isThatAuthors") { stores in
            let store = try stores.open()
            try store.commit([claim("Ada"), claim(nil, at: -1, by: second)])
            _ = try store.set(Rule(calling: second.publicKey, try DisplayName("ada"), at: 5))
            #expect(await store.namesakes() == [second.publicKey, nil])
            _ = try store.set(Rule(subject: .name(of: second.publicKey), isActive: false, at: 6))
            #expect(await store.namesakes() == [nil, nil])
        }

        test("whoHadANameFirst_isRemembered_whenTheMessagesWereDropped") { stores in
            let store = try stores.open()
            try store.commit([claim("Ada", at: -9_000_000)])
            try store.commit([claim("Ada", by: second), claim("Ada", at: -1)])
            #expect(try store.prune(Retention(.init(age: .seconds(3_600))), now: Fixture.now) == 1)
            #expect(await store.namesakes() == [first.publicKey, nil])
        }

        // So that nobody takes the room of others.
        test("authorWhoChangesNamesAllTheTime_losesTheOldestOfThem") { stores in
            let store = try stores.open()
            let changes = StoreLimits.namesOfAuthor
            try store.commit([("Ada", 0), ("Countess", 1)].map { try claim($0, at: $1) })
            try store.commit((3...changes).map { try claim("Name \($0)", at: Int64($0)) })
            try store.commit([claim("Ada", at: 100, by: second)])
            // Sixteen are remembered: the seventeenth costs the first.
            try store.commit([claim("Another", at: 200), claim("Ada", at: 201)])
            #expect(await store.names(.timeline(.init(limit: 1))) == ["Ada"])
            #expect(await store.namesakes().first == second.publicKey)
        }
    }

    /// - Parameter name: what the message says of its author's name.
    private static func claim(_ name: String?, at: Int64 = 0, by identity: Identity = first) throws -> SignedMessage {
        try Fixture.message("\(name ?? "nobody") at \(at)", at: Fixture.now + at, by: identity, name: name)
    }
}

extension Store {
    fileprivate func names(_ query: Query = .timeline(.init(limit: 500))) async -> [String?] {
        await page(query)?.rows.map { $0.author.shown?.text } ?? []
    }

    /// Whose name each author's is said to be, newest message first.
    fileprivate func namesakes() async -> [PublicKey?] {
        await page(.timeline(.init(limit: 500)))?.rows.map(\.author.namesake) ?? []
    }
}
