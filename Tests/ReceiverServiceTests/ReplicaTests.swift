import Bus
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// What another store of the node has and this one lacks.
@Suite struct ReplicaTests {
    private let directory: TemporaryDirectory
    private let store: any Store

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func take(_ messages: [SignedMessage], receivedAt: Int64 = Fixture.now, refuses2011: Bool = false)
        async throws -> (added: Int, announced: [MessageID])
    {
        let heard = Mailbox<MessageID>()
        let household = Fixture.household(
            store, admission: Fixture.admission(refuses2011: refuses2011),
            announce: { committed in for row in committed.rows { heard.append(row.stored.message.id) } })
        let stored = messages.map { StoredMessage(message: $0, receivedAt: receivedAt, channel: nil) }
        return (Int(try await household.take(stored).counts.stored), heard.all)
    }

    @Test func messagesThatAreMissing_areStoredAndAnnounced() async throws {
        let messages = try Fixture.messages(5)
        try store.commit(Array(messages[..<2]))
        let (added, announced) = try await take(messages)
        #expect(added == 3)
        #expect(announced == messages[2...].map(\.id))
        #expect(try await store.stored(among: messages.map(\.id)).count == 5)
        #expect(try await take(messages).added == 0)
        store.close()
    }

    @Test func whatThePipelineWouldRefuse_isNotTaken() async throws {
        let forged = try Fixture.forged(Fixture.message("forged"))
        let elsewhere = try Fixture.message("elsewhere", channel: Channel("garden"))
        let tomorrow = try Fixture.message("tomorrow", at: Fixture.now + 86_400_000)
        let old = try Fixture.message("2011", by: Fixture.legacyAuthor)
        #expect(try await take([forged, elsewhere, tomorrow, old], refuses2011: true).added == 0)
        #expect(await store.summary()?.messages == 0)
        #expect(try await take([old]).added == 1)
        store.close()
    }

    @Test func readersAreTold_ofWhatWasNews_andNotOfWhoIsKnown() async throws {
        let told = Mailbox<Rule>()
        let household = Fixture.household(store, tell: { rules in for rule in rules { told.append(rule) } })
        let ids = try Fixture.messages(2).map(\.id)
        let rules = ids.map { Rule(subject: .message($0), isActive: true, at: 1) }
        let known = Rule(subject: .known(Fixture.author.publicKey), isActive: true, at: 0)
        _ = try store.set(rules[0])
        #expect(try await household.adopt(rules + [known]) == 2)
        #expect(told.all == [rules[1]])
        _ = await household.answer(.set(Rule(subject: .known(Fixture.author.publicKey), isActive: false, at: 1)))
        #expect(told.all == [rules[1]])
        store.close()
    }

    @Test(arguments: [Int64.min, -1, .max])
    func messageThatWasSeenAtNoTime_isTaken(receivedAt: Int64) async throws {
        let message = try Fixture.message("m")
        #expect(try await take([message], receivedAt: receivedAt).added == 1)
        let page = await store.page(.after(position: 0, limit: 10))
        #expect(page?.rows.map(\.stored.receivedAt) == [receivedAt < 0 ? 0 : Fixture.now])
        store.close()
    }

    @Test func messageWithoutAuthorTime_keepsItsPlace_butNotInTheFuture() async throws {
        let early = try Fixture.message("early", by: Fixture.legacyAuthor)
        let late = try Fixture.message("late", by: Fixture.legacyAuthor)
        _ = try await take([early], receivedAt: Fixture.now - 5_000)
        _ = try await take([late], receivedAt: Fixture.now + 5_000)
        let page = await store.page(.after(position: 0, limit: 10))
        #expect(page?.rows.map(\.stored.receivedAt) == [Fixture.now - 5_000, Fixture.now])
        store.close()
    }
}

@Suite struct HeldPlacesTests {
    private let other = Fixture.storeID()
    private let start = ContinuousClock.now

    @Test func aPlaceThatIsNotHeld_isTheKeptOne() {
        let places = HeldPlaces()
        places.set(HeldPlaces.Place(reached: 70), of: other, now: start)
        #expect(places.place(of: other, kept: 12, now: start) == HeldPlaces.Place(reached: 12))
    }

    @Test func aHeldPlace_isReadOnBehind_andFromTheKeptOneAfterThePause() {
        let places = HeldPlaces()
        let held = HeldPlaces.Place(reached: 70, heldFor: .early)
        places.set(held, of: other, now: start)
        #expect(places.place(of: other, kept: 12, now: start + .seconds(59)) == held)
        // What is read meanwhile does not put it off.
        places.set(HeldPlaces.Place(reached: 90, heldFor: .early), of: other, now: start + .seconds(59))
        #expect(places.place(of: other, kept: 12, now: start + .seconds(60)) == HeldPlaces.Place(reached: 12))
        #expect(places.place(of: Fixture.storeID(), kept: 3, now: start) == HeldPlaces.Place(reached: 3))
    }

    @Test func placeIsHeld_atTheFirstThatIsWantedAndCannotBeTakenYet() throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let household = Fixture.household(store)
        let day: Int64 = 86_400_000
        let messages = try [
            Fixture.message("now"), Fixture.message("elsewhere", at: Fixture.now + day, channel: Channel("garden")),
            Fixture.message("tomorrow", at: Fixture.now + day), Fixture.message("later", at: Fixture.now + 2 * day),
        ]
        let rows = messages.enumerated().map { index, message in
            Row(
                position: UInt64(index + 1),
                stored: StoredMessage(message: message, receivedAt: Fixture.now, channel: nil))
        }
        func first(_ rows: [Row], postponed: Set<MessageID> = []) -> String? {
            household.firstToAwait(rows, Household.Taken(postponed: postponed)).map {
                "\($0.row.position) \($0.reason)"
            }
        }
        #expect(first(rows) == "3 early")
        #expect(first(Array(rows.prefix(2))) == nil)
        #expect(first(rows, postponed: [messages[0].id, messages[1].id]) == "1 noRoom")
        #expect(first(rows, postponed: [messages[3].id]) == "3 early")
        withExtendedLifetime(directory) {}
    }
}
