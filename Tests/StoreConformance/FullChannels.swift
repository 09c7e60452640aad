import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    private static let day: Int64 = 86_400_000

    /// Who gives way where a channel is full.
    static let fullChannels = tests { test in
        // It is full, and everybody in it holds much more elsewhere.
        test("floodIntoAFullChannel_besideALargerOne_pushesOutItself") { stores in
            let store = try stores.open()
            let garden = try Channel("garden")
            let known = Identity.generate(.ed25519)
            _ = try store.set(Rule(subject: .known(known.publicKey), isActive: true, at: 0))
            let before = Fixture.now - 2 * day
            let keys = try Fixture.flood(20, at: before).map(\.key.text)
            try store.commit(messages(3_000, at: before, by: keys, to: garden), receivedAt: before + 9_000)
            let theirs = try messages(400, at: before, by: keys, to: .tweets)
            let own = try messages(400, at: before, by: [known.publicKey.text], to: .tweets)
            try store.commit(theirs + own, receivedAt: before + 9_000)
            let bounds = Retention(channels: [Channel.tweets.end: .init(bytes: 1_100_000)])
            #expect(try store.prune(bounds, now: Fixture.now) == 0)
            for round in 0..<2 {
                try store.commit(Fixture.flood(1_400, padding: 500, prefix: "\(round)"))
                #expect(try store.prune(bounds, now: Fixture.now + 1) > 1_000)
                let left = try await store.stored(among: (theirs + own).map(\.id)).count
                #expect(left == 800, "\(left)")
            }
            // The known ones are the last, though one of them holds most.
            let small = Retention(channels: [Channel.tweets.end: .init(bytes: 300_000)])
            _ = try store.prune(small, now: Fixture.now + 1)
            #expect(try await store.stored(among: theirs.map(\.id)).isEmpty)
            #expect(try await store.stored(among: own.map(\.id)).count > 300)
        }

        test("newcomerOfAFullChannel_isHeard") { stores in
            let store = try stores.open()
            let before = Fixture.now - 2 * day
            try store.commit(Fixture.flood(2_000, keys: 40, at: before), receivedAt: before + 5_000)
            let newcomer = try Fixture.message("newcomer", by: Fixture.secondAuthor)
            try store.commit([newcomer])
            #expect(try store.prune(Retention(.init(bytes: 800_000)), now: Fixture.now + 1) > 100)
            #expect(await store.texts().contains("newcomer"))
        }

        // Each holds less than any of the others, so what each holds must not be all that counts. An old channel, and one whose
        // first authors came less than a month ago.
        for days: Int64 in [40, 20] {
            test("settledKeysOfYesterday_withLittleEach_doNotPushOutThoseOf\(days)Days") { stores in
                let store = try stores.open()
                let (start, yesterday) = (Fixture.now - days * day, Fixture.now - day - day / 4)
                let regulars = try messages(1_000, at: start, by: keys(20), to: .tweets)
                try store.commit(regulars, receivedAt: start)
                let bounds = Retention(channels: [Channel.tweets.end: .init(bytes: 1_000_000)])
                _ = try store.prune(bounds, now: start)
                let before = try await store.stored(among: regulars.map(\.id)).count
                #expect(before > 800, "\(before)")
                let patient = try keys(500)
                for round: Int64 in 0..<4 {
                    let time = round == 0 ? yesterday : Fixture.now + round
                    try store.commit(Fixture.flood(500, by: patient, at: time, prefix: "\(round)"), receivedAt: time)
                    _ = try store.prune(bounds, now: time + 1)
                }
                let left = try await store.stored(among: regulars.map(\.id)).count
                #expect(left * 10 >= before * 9, "\(left) of \(before)")
            }
        }

        test("newcomersOfLastWeek_keepTheirPartOfAFullChannel") { stores in
            let store = try stores.open()
            let (regulars, newcomers) = (try keys(20), try keys(5))
            let (before, lastWeek) = (Fixture.now - 40 * day, Fixture.now - 7 * day)
            try store.commit(messages(800, at: before, by: regulars, to: .tweets), receivedAt: before)
            let theirs = try messages(100, at: lastWeek, by: newcomers, to: .tweets)
            try store.commit(theirs, receivedAt: lastWeek)
            let bounds = Retention(channels: [Channel.tweets.end: .init(bytes: 800_000)])
            for round: Int64 in 0..<4 {
                let later = try messages(100, at: Fixture.now + round * 1_000, by: regulars, to: .tweets)
                try store.commit(later, receivedAt: Fixture.now + round * 1_000)
                #expect(try store.prune(bounds, now: Fixture.now + 9_000) > 50)
            }
            let left = try await store.stored(among: theirs.map(\.id))
            for key in newcomers {
                let own = theirs.filter { $0.key.text == key && left.contains($0.id) }.count
                #expect(own >= 12, "\(own) of 20")
            }
        }
    }

    private static func keys(_ count: Int) throws -> [String] { try Fixture.flood(count).map(\.key.text) }

    private static func messages(
        _ count: Int, at time: Int64, by keys: [String], to channel: Channel
    ) throws -> [SignedMessage] {
        let signed = try Fixture.message(String(repeating: "x", count: 200), channel: channel)
        return try (0..<count).map { number in
            var signals = signed.signals
            signals["+key"] = keys[number % keys.count]
            signals["+at"] = "\(time + Int64(number))"
            return try SignedMessage(signals: signals)
        }
    }
}
