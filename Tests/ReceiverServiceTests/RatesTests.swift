import Bus
import ReceiverStore
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing

@testable import Messages
@testable import ReceiverService

@Suite struct RatesTests {
    private let clock = ManualClock()
    private let peer = Source.peer("192.0.2.1")

    private func rates(key: Rate? = nil, source: Rate? = nil, strangers: Rate? = nil) -> Rates {
        Rates(Rates.Settings(key: key, source: source, strangers: strangers), now: { [clock] in clock.now })
    }

    private static func key(_ number: Int) -> PublicKey { PublicKey(checked: "ed25519:key\(number)") }

    /// What becomes of a message of the mesh whose signature holds.
    private func refusal(
        _ rates: Rates, _ key: PublicKey, _ standing: Standing, isHistory: Bool = false, isEarly: Bool = false,
        from source: Source? = nil
    ) -> Refusal? {
        let source = source ?? peer
        guard var toll = rates.toll(from: source, standing: standing) else { return .sourceRateLimited }
        let account = AuthorAccount(key, isHistory: isHistory)
        return rates.charge(account, standing, isEarly: isEarly, from: source, to: &toll)
    }

    @Test func author_beyondTheRate_isRefused_andServedAgainLater() {
        let rates = rates(key: Rate(perSecond: 2, burst: 3))
        let key = Self.key(1)
        func isTaken() -> Bool { refusal(rates, key, .settled) == nil }
        #expect((0..<4).map { _ in isTaken() } == [true, true, true, false])
        clock.advance(by: .milliseconds(500))
        #expect([isTaken(), isTaken()] == [true, false])
        #expect(refusal(rates, Self.key(2), .settled) == nil)
        for own in [Source.client, .visitor] {
            var toll = Toll()
            #expect(rates.toll(from: own, standing: nil) == toll)
            #expect(rates.charge(AuthorAccount(key), .stranger, isEarly: false, from: own, to: &toll) == nil)
        }
    }

    @Test func peer_beyondTheRate_isRefused_othersAreNot() {
        let rates = rates(source: Rate(perSecond: 1, burst: 2))
        func isChecked(_ source: Source) -> Bool { rates.toll(from: source, standing: .stranger) != nil }
        #expect((0..<3).map { _ in isChecked(peer) } == [true, true, false])
        #expect(isChecked(.peer("192.0.2.2")) && isChecked(.client) && isChecked(.visitor))
    }

    /// A peer brings 3,000 wrongly signed messages a second.
    @Test func peer_whoseBudgetIsUsedUp_stillBringsWhatIsOfNoStranger() {
        let rates = rates(source: Limits.sourceRate, strangers: Limits.strangerRate)
        var taken = 0
        for _ in 0..<60 {
            for _ in 0..<3_000 { _ = rates.toll(from: peer, standing: .stranger) }
            for author in 0..<5 where refusal(rates, Self.key(author), author < 3 ? .known : .settled) == nil {
                taken += 1
            }
            clock.advance(by: .seconds(1))
        }
        #expect(taken == 300)
    }

    /// Whose words nobody has to believe.
    @Test func checksInTheNamesOfKnownAuthors_areBoundedForAPeer() {
        let rates = rates(source: Limits.sourceRate)
        var checks = 0
        for _ in 0..<600 {
            for _ in 0..<3_000 where rates.toll(from: peer, standing: .known) != nil { checks += 1 }
            clock.advance(by: .seconds(1))
        }
        #expect(Double(checks) <= 1.5 * (Limits.sourceRate.perSecond * 600 + Limits.sourceRate.burst))
        #expect(rates.toll(from: .peer("192.0.2.2"), standing: .known) != nil)
    }

    @Test func whatWasSettledUnchecked_costsNobody() {
        let rates = rates(source: Rate(perSecond: 1, burst: 1))
        for _ in 0..<10 {
            guard let toll = rates.toll(from: peer, standing: nil) else {
                return #expect(Bool(false), "no budget left")
            }
            #expect(!toll.isExempt)
            rates.passUnchecked(toll)
        }
        _ = rates.toll(from: peer, standing: nil)
        #expect(rates.toll(from: peer, standing: nil)?.isExempt == true)
        #expect(rates.toll(from: peer, standing: .stranger) == nil)
    }

    /// Three peers bring 500 messages a second with a new key each, and others write one.
    @Test func newStrangers_areBoundedTogether_andNobodyElseIs() {
        let rates = rates(key: Limits.keyRate, source: Limits.sourceRate, strangers: Limits.strangerRate)
        var (strangers, known, settled) = (0, 0, 0)
        for second in 0..<60 {
            for number in 0..<1_500 {
                let peer = Source.peer("192.0.2.\(number % 3)")
                if refusal(rates, Self.key(second * 1_500 + number), .stranger, from: peer) == nil { strangers += 1 }
            }
            if refusal(rates, Self.key(-1), .known) == nil { known += 1 }
            if refusal(rates, Self.key(-2), .settled) == nil { settled += 1 }
            clock.advance(by: .seconds(1))
        }
        // What is for the page is not theirs, and of what is for quiet peers each has three a second.
        #expect((6_000...7_200).contains(strangers), "\(strangers)")
        #expect(known == 60 && settled == 60)
    }

    @Test func onePeerFullOfNewKeys_leavesRoomForThoseWhomOthersBring() {
        let rates = rates(source: Limits.sourceRate, strangers: Limits.strangerRate)
        var (theirs, honest) = (0, 0)
        for second in 0..<60 {
            for number in 0..<1_000 where refusal(rates, Self.key(second * 1_000 + number), .stranger) == nil {
                theirs += 1
            }
            if refusal(rates, Self.key(-second), .stranger, from: .peer("192.0.2.2")) == nil { honest += 1 }
            clock.advance(by: .seconds(1))
        }
        #expect((4_800...5_300).contains(theirs), "\(theirs)")
        #expect(honest == 60)
    }

    @Test func eightPeersFullOfNewKeys_leaveRoomForQuietOnes_andForThePage() {
        let rates = rates(source: Limits.sourceRate, strangers: Limits.strangerRate)
        var (quiet, page, keys) = (0, 0, 0)
        func isTaken(from source: Source) -> Bool {
            keys += 1
            return refusal(rates, Self.key(keys), .stranger, from: source) == nil
        }
        for _ in 0..<60 {
            for number in 0..<8 * 110 { _ = isTaken(from: .peer("192.0.2.\(10 + number % 8)")) }
            for _ in 0..<2 where isTaken(from: peer) { quiet += 1 }
            for _ in 0..<30 where isTaken(from: .visitor) { page += 1 }
            clock.advance(by: .seconds(1))
        }
        #expect((quiet, page) == (120, 1_800))
    }

    @Test func oneNewStranger_has20AtOnce_andOneASecond() {
        let rates = rates(key: Limits.keyRate, strangers: Limits.strangerRate)
        let key = Self.key(1)
        let refusals = (0..<30).map { _ in refusal(rates, key, .stranger) }
        #expect(refusals.prefix(20).allSatisfy { $0 == nil })
        #expect(refusals.dropFirst(20).allSatisfy { $0 == .strangerRateLimited })
        clock.advance(by: .seconds(2))
        #expect((0..<3).map { _ in refusal(rates, key, .stranger) } == [nil, nil, .strangerRateLimited])
        // As soon as the author is settled there is all the room of one.
        #expect((0..<4_000).allSatisfy { _ in refusal(rates, key, .settled) == nil })
    }

    /// Many write with the key of the page.
    @Test func keyOfVisitors_isBoundOnlyAsAllOfThemAre() {
        let rates = rates(key: Limits.keyRate, strangers: Limits.strangerRate)
        let refusals = (0..<260).map { _ in refusal(rates, Self.key(1), .stranger, from: .visitor) }
        #expect(refusals.prefix(250).allSatisfy { $0 == nil })
        #expect(refusals.dropFirst(250).allSatisfy { $0 == .strangersRateLimited })
        #expect(refusal(rates, Self.key(1), .stranger) == nil, "over the mesh it is one of many")
    }

    @Test func oneWhoIsRefusedBecauseOfTheOthers_hasLostNothing() {
        let rates = rates(strangers: Rate(perSecond: 2, burst: 1))
        for number in 0..<4 { #expect(refusal(rates, Self.key(number), .stranger) == nil) }
        #expect(refusal(rates, Self.key(9), .stranger) == .strangersRateLimited)
        clock.advance(by: .seconds(2))
        #expect(refusal(rates, Self.key(9), .stranger) == nil)
    }

    @Test(arguments: [Standing.settled, .stranger])
    func whatWasNotStored_costsItsAuthorNothing(standing: Standing) {
        let rates = rates(key: Rate(perSecond: 1, burst: 2), strangers: Rate(perSecond: 1, burst: 2))
        for _ in 0..<50 {
            var toll = Toll()
            #expect(rates.charge(AuthorAccount(Self.key(1)), standing, isEarly: false, from: peer, to: &toll) == nil)
            rates.giveBack(toll)
        }
    }

    /// It may come again, and a peer that replays it must not silence its author.
    @Test func whatIsKeptAside_isBounded_andCostsItsAuthorNothingElse() {
        let rates = rates(key: Rate(perSecond: 1, burst: 3), strangers: Rate(perSecond: 100, burst: 2))
        for (key, standing, most) in [(1, Standing.known, 3), (2, .stranger, 2)] {
            let kept = (0..<20).count { _ in refusal(rates, Self.key(key), standing, isEarly: true) == nil }
            #expect(kept == most)
            let taken = (0..<20).count { _ in refusal(rates, Self.key(key), standing) == nil }
            #expect(taken == most)
        }
    }

    /// It is genuine, and anybody who has it can bring it where it is missing.
    @Test(arguments: [(Standing.settled, 30), (.stranger, 20)])
    func whatAnAuthorWroteElsewhere_leavesRoomForWhatTheAuthorWritesNow(standing: Standing, most: Int) throws {
        let rates = rates(key: Rate(perSecond: 20, burst: 30), strangers: Limits.strangerRate)
        let key = Self.key(1)
        let old = (0..<100).count { _ in refusal(rates, key, standing, isHistory: true) == nil }
        #expect(old == most, "it has a bound, too")
        let other = Source.peer("192.0.2.2")
        #expect((0..<10).allSatisfy { _ in refusal(rates, key, standing, from: other) == nil })
        let ages: [Int64] = [-900_000, 0, 900_000, 900_001]
        let areOld = try ages.map {
            try AuthorAccount(of: Fixture.message("m", at: Fixture.now - $0), arrivedAt: Fixture.now).isHistory
        }
        #expect(areOld == [false, false, false, true])
    }

    /// The receiver was away for ten minutes, in which ten newcomers a second wrote, all through one peer.
    @Test func afterAnAbsence_nobodyIsRefusedWhoWouldNotHaveBeen() {
        let rates = rates(key: Limits.keyRate, source: Limits.sourceRate, strangers: Limits.strangerRate)
        func taken(_ count: Int, aSecond: Int, from first: Int, waited: Bool) -> Int {
            (0..<count).count { number in
                let age = waited ? Duration.seconds(600) - .seconds(1) * number / aSecond : .zero
                guard var toll = rates.toll(from: peer, standing: nil, waited: age) else { return false }
                let account = AuthorAccount(Self.key(first + number))
                return rates.charge(account, .stranger, isEarly: false, from: peer, to: &toll) == nil
            }
        }
        #expect(taken(5_900, aSecond: 10, from: 0, waited: true) == 5_900)
        #expect(taken(1_000, aSecond: 0, from: 10_000, waited: false) == 400, "what comes now has its own bound")
    }

    /// Of what waited no more is taken than if it had been taken when it came, in whatever order it is delivered.
    @Test func floodDuringAnAbsence_isBoundedAsAnyOther() {
        let rates = rates(source: Limits.sourceRate, strangers: Limits.strangerRate)
        var taken = 0
        for number in 0..<50_000 {
            let waited = Duration.milliseconds(number.isMultiple(of: 2) ? 60_000 - number : 10_000)
            guard var toll = rates.toll(from: peer, standing: .stranger, waited: waited) else { continue }
            let account = AuthorAccount(Self.key(number))
            if rates.charge(account, .stranger, isEarly: false, from: peer, to: &toll) == nil { taken += 1 }
        }
        #expect(taken <= 50 * 100 + 500 + 1, "\(taken)")
    }

    @Test func limiter_forgetsFullBucketsFirst_andNeverGrowsBeyondItsCapacity() {
        let limiter = RateLimiter<Int>(Rate(perSecond: 1, burst: 2), capacity: 8)
        let start = ContinuousClock.now
        #expect(
            [limiter.allows(0, now: start), limiter.allows(0, now: start), limiter.allows(0, now: start)]
                == [true, true, false])
        for party in 1...100 { _ = limiter.allows(party, now: start) }
        #expect(limiter.count <= 8)
        #expect(!limiter.allows(0, now: start), "who has used up everything is remembered")
        limiter.giveBack(0)
        limiter.giveBack(12_345)
        #expect([limiter.allows(0, now: start), limiter.allows(0, now: start)] == [true, false])
    }
}

@Suite struct StandingsTests {
    private let clock = ManualClock()
    private let asked = Mailbox<PublicKey>()
    private let told = Mailbox<Rule>()
    private let author = Fixture.author.publicKey

    private func standings(_ standing: Standing = .stranger, error: StoreError? = nil) -> Standings {
        Standings { [asked] keys throws(StoreError) in
            for key in keys { asked.append(key) }
            if let error { throw error }
            return Dictionary(uniqueKeysWithValues: keys.map { ($0, standing) })
        } tell: { [told] rule throws(StoreError) in
            told.append(rule)
        } now: { [clock] in
            clock.now
        }
    }

    @Test func whatTheStoreSaid_isRememberedForAWhile() async {
        let standings = standings(.settled)
        #expect(standings.remembered(author) == nil)
        for _ in 0..<3 { #expect(await standings.of([author]) == [author: .settled]) }
        #expect(standings.remembered(author) == .settled)
        #expect(asked.all.count == 1)
        clock.advance(by: Limits.standingTime * 2)
        #expect(standings.remembered(author) == nil)
        _ = await standings.of([author])
        #expect(asked.all.count == 2)
    }

    @Test func whileTheStoreCannotBeRead_nobodyIsAStranger() async {
        let standings = standings(error: StoreError(.locked, "busy"))
        #expect(await standings.of([author]) == [author: .settled])
        #expect(standings.remembered(author) == nil)
    }

    @Test func whoWritesOnTheCommandLine_isMadeKnownOnce() async throws {
        let standings = standings()
        standings.met(author)
        let rule = try #require(await told.first(within: .seconds(10)))
        #expect(rule.element == Rule(subject: .known(author), isActive: true, at: 0))
        try await eventually("the author to be known", within: .seconds(10)) { standings.remembered(author) == .known }
        for _ in 0..<5 { standings.met(author) }
        #expect(told.all.count == 1 && asked.all.isEmpty)
    }
}
