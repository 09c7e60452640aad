import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    private static let day: Int64 = 86_400_000
    private static let minute: Int64 = 60_000

    /// What somebody with any number of keys can do to a store.
    static let strangers = tests { test in
        test("messagesDatedAhead_ownNoPage") { stores in
            let store = try stores.open()
            let ahead = try Fixture.flood(50, keys: 1, at: Fixture.now + 14 * minute)
            try store.commit(ahead, receivedAt: Fixture.now)
            try store.commit([Fixture.message("honest", at: Fixture.now + 1)], receivedAt: Fixture.now + 2)
            #expect(await store.texts().first == "honest")
            let ofAuthor = Query.Timeline(author: ahead[0].key, limit: 500)
            #expect(await store.page(.timeline(ofAuthor))?.rows.count == 50)
            #expect(await store.channels()?.first?.lastAt == Fixture.now + 1)
        }

        test("floodDatedAhead_intoAFullChannel_pushesOutItself_andNobodyIsRefused") { stores in
            let store = try stores.open()
            let before = Fixture.now - 2 * day
            let settled = try (0..<40).map { try Fixture.message("settled \($0)", at: before + $0) }
            try store.commit(settled, receivedAt: before + 100)
            let newcomer = try Fixture.message("newcomer", by: Fixture.secondAuthor)
            try store.commit([newcomer])
            let retention = Retention(.init(bytes: 1_000_000))
            for (keys, prefix) in [(1, "one key"), (700, "many keys")] {
                let flood = try Fixture.flood(
                    1_400, keys: keys, padding: 500, at: Fixture.now + 14 * minute, prefix: prefix)
                try store.commit(flood, receivedAt: Fixture.now + 1)
                #expect(try store.prune(retention, now: Fixture.now + 2) > 300)
                let kept = await store.all()
                #expect(kept.isSuperset(of: settled.map(\.text)))
                #expect(kept.contains("newcomer"), "who holds little loses nothing to \(prefix)")
                let later = try Fixture.message("after \(prefix)", at: Fixture.now + 3)
                #expect(try store.commit([later], receivedAt: Fixture.now + 3).outcomes == [.stored])
                #expect(try store.prune(retention, now: Fixture.now + 4) <= 1)
                #expect(await store.all().contains("after \(prefix)"))
            }
        }

        test("strangersTogether_haveABound_andSettledAndKnownAreLeftAlone") { stores in
            let store = try stores.open()
            let known = Identity.generate(.ed25519)
            _ = try store.set(Rule(subject: .known(known.publicKey), isActive: true, at: 1))
            let before = Fixture.now - 2 * day
            let settled = try (0..<50).map { try Fixture.message("settled \($0)", at: before + $0) }
            try store.commit(settled, receivedAt: before + 100)
            let theirs = try (0..<600).map { try Fixture.message("known \($0)", at: Fixture.now - $0, by: known) }
            try store.commit(theirs)
            let quiet = try Fixture.message("quiet", by: Fixture.secondAuthor)
            try store.commit([quiet])
            let loud = try Fixture.flood(600, keys: 3, padding: 400)
            try store.commit(loud)
            _ = try store.set(Rule(subject: .message(loud[0].id), isActive: true, at: 1))
            var retention = Retention()
            retention.strangerBytes = 100_000
            let dropped = try store.prune(retention, now: Fixture.now + 1_000)
            #expect((400..<590).contains(dropped), "\(dropped)")
            let kept = await store.all()
            #expect(kept.isSuperset(of: settled.map(\.text) + theirs.map(\.text) + ["quiet", loud[599].text]))
            #expect(try store.prune(retention, now: Fixture.now + 2_000) == 0)
            #expect(try store.commit([loud[1]]).outcomes == [.refused(.dropped)])
            // A day later those who are left are settled, as far as they hold little.
            retention.strangerBytes = 0
            #expect(try store.prune(retention, now: Fixture.now + 2 * day) == 0)
            retention.strangerBytes = nil
            _ = try store.prune(retention, now: Fixture.now + 2_000)
            #expect(try store.commit([loud[1]]).outcomes == [.stored])
        }

        // As one without a battery is, until it has asked what time it is.
        test("clockThatIsBehind_makesNobodyAStranger") { stores in
            let store = try stores.open()
            let before = Fixture.now - 2 * day
            let settled = try (0..<50).map { try Fixture.message("settled \($0)", at: before + $0) }
            try store.commit(settled, receivedAt: before + 100)
            try store.commit([Fixture.message("newest", by: Fixture.secondAuthor)])
            var retention = Retention()
            retention.strangerBytes = 2_000
            for now in [Fixture.now - 365 * day, 0] {
                #expect(try await store.standings(of: [Fixture.author.publicKey], now: now).values.first == .settled)
                #expect(try store.prune(retention, now: now) == 0)
            }
            let kept = Set(settled.map(\.text) + ["newest"])
            #expect(await store.all() == kept)
        }

        // More than one look's worth, of keys that hold the same.
        test("floodOfManyKeys_isDroppedToTheBound_andItsAuthorsToo") { stores in
            let store = try stores.open()
            let flood = try Fixture.flood(1_500)
            for start in stride(from: 0, to: 1_500, by: 500) { try store.commit(Array(flood[start..<start + 500])) }
            #expect(await store.summary()?.authors == 1_500)
            var retention = Retention()
            retention.strangerBytes = 100_000
            let dropped = try store.prune(retention, now: Fixture.now + 2_000)
            let summary = try #require(await store.summary())
            #expect((50...300).contains(summary.messages), "\(summary.messages)")
            #expect(summary.messages == UInt64(1_500 - dropped))
            #expect(summary.authors == summary.messages)
            #expect(await store.find(.key(prefix: String(flood[0].key.text.prefix(30)), suffix: "")).isEmpty)
        }

        // Else a store that is full of tiny messages, each with a key of its own, would keep nothing that a person writes.
        test("newcomerWithMoreToSay_isNotTheFirstToGo") { stores in
            let store = try stores.open()
            try store.commit(Fixture.flood(400), receivedAt: Fixture.now)
            let text = (0..<50).map { "word\($0)" }.joined(separator: " ")
            try store.commit([Fixture.message(text, by: Fixture.secondAuthor)], receivedAt: Fixture.now + 1)
            try store.commit(Fixture.flood(100, prefix: "later"), receivedAt: Fixture.now + 2)
            var retention = Retention()
            retention.strangerBytes = 200_000
            let dropped = try store.prune(retention, now: Fixture.now + 2_000)
            #expect((100..<400).contains(dropped), "\(dropped)")
            let kept = await store.all()
            #expect(kept.contains(text) && kept.filter { $0.hasPrefix("later") }.count == 100)
        }

        test("standings_areKnownSettledOrStranger") { stores in
            let store = try stores.open()
            let (pinned, written, gone) = (
                Identity.generate(.ed25519).publicKey, Identity.generate(.ed25519).publicKey,
                Identity.generate(.ed25519).publicKey
            )
            let author = Fixture.author.publicKey
            let loud = try Fixture.flood(300, keys: 1, padding: 500)
            _ = try store.set(Rule(calling: pinned, try DisplayName("friend"), at: 1))
            for at: Int64 in [1, 2] { _ = try store.set(Rule(subject: .known(written), isActive: true, at: at)) }
            _ = try store.set(Rule(subject: .known(gone), isActive: true, at: 1))
            _ = try store.set(Rule(subject: .known(gone), isActive: false, at: 2))
            try store.commit(loud + [Fixture.message("once")], receivedAt: Fixture.now)
            func standings(_ now: Int64) async throws -> [PublicKey: Standing] {
                try await store.standings(of: [pinned, written, gone, author, loud[0].key], now: now)
            }
            let always = [pinned: Standing.known, written: .known, gone: .stranger, loud[0].key: .stranger]
            #expect(try await standings(Fixture.now + day) == always.merging([author: .stranger]) { $1 })
            #expect(try await standings(Fixture.now + day + 1) == always.merging([author: .settled]) { $1 })
            // Also of who is here already, and until it is taken back.
            _ = try store.set(Rule(subject: .known(loud[0].key), isActive: true, at: 1))
            #expect(try await standings(Fixture.now)[loud[0].key] == .known)
            _ = try store.set(Rule(calling: loud[0].key, try DisplayName("loud"), at: 1))
            _ = try store.set(Rule(subject: .known(loud[0].key), isActive: false, at: 2))
            #expect(try await standings(Fixture.now)[loud[0].key] == .known)
            _ = try store.set(Rule(subject: .name(of: loud[0].key), isActive: false, at: 2))
            #expect(try await standings(Fixture.now)[loud[0].key] == .stranger)
            let rules = await store.rules(.known, limit: 9)?.rules
            #expect(Set(rules?.filter(\.isActive).map(\.subject) ?? []) == [.known(written)])
        }

        test("message2011_withAnothersSignature_isRefused") { stores in
            let store = try stores.open()
            let said = try Fixture.message("said", by: Fixture.legacyAuthor)
            try store.commit([said])
            for (name, value) in [("+message", "not said"), ("+end", try Channel("garden").end.hex)] {
                var signals = said.signals
                signals[name] = value
                #expect(try store.commit([SignedMessage(signals: signals)]).outcomes == [.refused(.signatureUsed)])
            }
            #expect(try store.commit([said]).outcomes == [.duplicate])
            #expect(try store.commit([Fixture.message("other", by: Fixture.legacyAuthor)]).outcomes == [.stored])
        }

        test("refusedByABlock_isTakenWhenTheBlockIs") { stores in
            let store = try stores.open()
            let message = try Fixture.message("m")
            _ = try store.set(Rule(subject: .key(message.key), isActive: true, at: 1))
            for _ in 0..<2 { #expect(try store.commit([message]).outcomes == [.refused(.keyBlocked)]) }
            _ = try store.set(Rule(subject: .key(message.key), isActive: false, at: 2))
            #expect(try store.commit([message]).outcomes == [.stored])
        }

        // The first to have a name keeps it; an author with neither messages nor a name is forgotten.
        test("authorsWithoutMessages_areForgotten_butTheirNames") { stores in
            let store = try stores.open()
            try store.commit([
                Fixture.message("named", at: Fixture.now - 2 * day, name: "Ada"),
                Fixture.message("unnamed", at: Fixture.now - 2 * day, by: Fixture.secondAuthor),
            ])
            #expect(try store.prune(Retention(.init(age: .seconds(86_400))), now: Fixture.now) == 2)
            #expect(await store.summary()?.authors == 0)
            #expect(await store.find(.key(prefix: Fixture.author.publicKey.text, suffix: "")).count == 1)
            #expect(await store.find(.key(prefix: Fixture.secondAuthor.publicKey.text, suffix: "")).isEmpty)
            try store.commit([Fixture.message("back")])
            #expect(await store.summary()?.authors == 1)
        }
    }
}

extension Store {
    fileprivate func find(_ sought: Query.Sought) async -> [Candidate] { await answer(.find(sought)).body.found ?? [] }

    fileprivate func channels() async -> [ChannelActivity]? { await answer(.channels).body.channels }

    /// Of all that is shown.
    fileprivate func all() async -> Set<String> {
        Set((try? await all(Query.Timeline(limit: 500)))?.map(\.stored.message.text) ?? [])
    }
}
