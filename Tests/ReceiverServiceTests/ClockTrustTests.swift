import Bus
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TestSupport
import Testing

@testable import ReceiverService

/// Whether what a clock calls old may be dropped.
@Suite struct ClockTrustTests {
    private static let day: Int64 = 86_400_000
    private static let start = ContinuousClock.now

    /// - Parameters:
    ///   - seconds: since the start.
    ///   - ahead: how much further the wall clock went, milliseconds.
    private func reading(after seconds: Int64 = 0, ahead: Int64 = 0) -> ClockTrust.Reading {
        ClockTrust.Reading(
            wall: Fixture.now + seconds * 1_000 + ahead, monotonic: Self.start + .seconds(seconds))
    }

    /// A clock that is looked at more than once.
    private final class Watched {
        var trust: ClockTrust
        init(_ trust: ClockTrust) { self.trust = trust }
        func believes(_ now: ClockTrust.Reading) -> Bool { trust.believes(now) }
    }

    private func trust(newest: Int64? = nil, downtime: Duration = .seconds(86_400)) -> Watched {
        Watched(ClockTrust(at: reading(), newest: newest, downtime: downtime))
    }

    @Test func clockThatGoesAsTimeDoes_isBelieved() {
        let trust = trust(newest: Fixture.now - Self.day)
        // A leap second, a drift of half a second a day that is set right, and three weeks asleep.
        for (seconds, ahead) in [(0, 0), (60, 0), (120, 1_000), (86_400, 1_500), (1_900_000, 12_000)]
            as [(Int64, Int64)]
        {
            #expect(trust.believes(reading(after: seconds, ahead: ahead)), "\(seconds)")
        }
    }

    @Test(arguments: [62_000, 3_600_000, 100 * day])
    func clockThatJumps_isDoubted_untilItIsPutRight(ahead: Int64) {
        let trust = trust()
        #expect(trust.believes(reading(after: 60)))
        #expect(!trust.believes(reading(after: 120, ahead: ahead)))
        #expect(trust.trust.doubt == .jumped(ahead))
        #expect(!trust.believes(reading(after: 180, ahead: ahead)))
        #expect(trust.believes(reading(after: 240, ahead: 100)))
    }

    @Test func clockThatGoesBack_isBelieved_andDoubtedWhenItGoesForthAgain() {
        let trust = trust()
        #expect(trust.believes(reading(after: 60, ahead: -3_600_000)))
        #expect(!trust.believes(reading(after: 120)))
    }

    @Test func manySmallSteps_areOneLargeOne() {
        let trust = trust()
        let believed = (1...100).map { trust.believes(reading(after: $0, ahead: $0 * 1_000)) }
        #expect(believed.first == true)
        #expect(believed.last == false)
    }

    @Test func clockFarBeyondWhatTheStoreKnows_isDoubted_untilItIsPutRight() {
        let trust = trust(newest: Fixture.now - 100 * Self.day)
        #expect(trust.trust.doubt == .farAhead(100 * Self.day))
        #expect(!trust.believes(reading(after: 60)))
        #expect(trust.believes(reading(after: 120, ahead: -99 * Self.day - 60_000)))
    }

    @Test func doubt_endsWithAConfirmation_orAfterADay() {
        let confirmed = trust(newest: 0)
        confirmed.trust.believe(reading(after: 60))
        #expect(confirmed.believes(reading(after: 120)))
        #expect(!confirmed.believes(reading(after: 180, ahead: Self.day)), "a jump after it is another one")

        let waiting = trust(newest: 0)
        #expect(!waiting.believes(reading(after: 86_399)))
        #expect(waiting.believes(reading(after: 86_400)))

        // The day counts from the jump on, however long the receiver has run.
        let jumped = trust()
        #expect(jumped.believes(reading(after: 1_000_000)))
        #expect(!jumped.believes(reading(after: 1_000_060, ahead: Self.day)))
        #expect(!jumped.believes(reading(after: 1_086_459, ahead: Self.day)))
        #expect(jumped.believes(reading(after: 1_086_460, ahead: Self.day)))
    }

    @Test func downtimeWithoutDoubt_isATenthOfWhatIsKept() throws {
        #expect(try Retention(["90d"]).downtime == .seconds(86_400))
        #expect(try Retention(["90d", "garden=10h"]).downtime == .seconds(3_600))
        #expect(try Retention(["2m"]).downtime == .seconds(60))
        #expect(try Retention(["1GB"]).hasAge == false)
    }
}

/// What messages say of the clock.
@Suite struct ClockWatchTests {
    private static let day: Int64 = 86_400_000
    private let far = Fixture.now + 100 * day

    /// A clock that is a hundred days ahead, at the start.
    private func doubting() throws -> ClockWatch {
        Fixture.clocks(try Retention(["90d"]), newest: Fixture.now, now: far)
    }

    @Test func messageOfTheMesh_datedNow_endsTheDoubt() throws {
        let clocks = try doubting()
        #expect(!clocks.believes(far))
        #expect(clocks.notices(early: 0, now: far).map(\.code) == ["retention_held"])
        clocks.noteStored(try Fixture.message("right", at: far - 900_000), from: .peer("192.0.2.1"), now: far)
        #expect(clocks.believes(far))
        #expect(clocks.notices(early: 0, now: far).isEmpty)
    }

    @Test func messageOfAnotherTime_orOfAnOwnClient_orWithoutTime_endsNothing() throws {
        let clocks = try doubting()
        let peer = Source.peer("192.0.2.1")
        clocks.noteStored(try Fixture.message("really now"), from: peer, now: far)
        clocks.noteStored(try Fixture.message("too old", at: far - 900_001), from: peer, now: far)
        clocks.noteStored(try Fixture.message("own", at: far), from: .client, now: far)
        clocks.noteStored(try Fixture.message("2011", by: Fixture.legacyAuthor), from: peer, now: far)
        #expect(!clocks.believes(far))
    }

    @Test func whileInDoubt_nothingIsTooOldToBeTaken() throws {
        let clocks = try doubting()
        #expect(clocks.oldest(of: Channel.tweets.end, now: far) == nil)
        let peer = Source.peer("192.0.2.1")
        clocks.noteStored(try Fixture.message("right", at: far), from: peer, now: far)
        #expect(clocks.oldest(of: Channel.tweets.end, now: far) == far - 90 * Self.day)
    }

    @Test func authorsDatedAhead_areTold_whereTheyAreThreeAndMoreThanThoseInTime() throws {
        let clocks = Fixture.clocks()
        #expect(clocks.notices(early: 2, now: Fixture.now).isEmpty)
        #expect(
            clocks.notices(early: 3, now: Fixture.now)
                == [Notice(code: "clock_behind", text: "messages of 3 authors are in the future: is this clock right?")]
        )
        for _ in 0..<3 {
            let message = try Fixture.message("in time", by: Identity.generate(.ed25519))
            clocks.noteStored(message, from: .peer("192.0.2.1"), now: Fixture.now)
        }
        #expect(clocks.notices(early: 3, now: Fixture.now).isEmpty, "a liar with three keys")
        #expect(clocks.notices(early: 4, now: Fixture.now).count == 1)
    }

    @Test func authorsInTime_areForgottenAfterADayOrTwo() throws {
        let clock = ManualClock()
        let clocks = Fixture.clocks(monotonic: { clock.now })
        let message = try Fixture.message("in time")
        for _ in 0..<4 {
            clocks.noteStored(
                try Fixture.message("in time", by: Identity.generate(.ed25519)), from: .peer("192.0.2.1"),
                now: Fixture.now)
        }
        clock.advance(by: .seconds(90_000))
        clocks.noteStored(message, from: .peer("192.0.2.1"), now: Fixture.now)
        #expect(clocks.notices(early: 4, now: Fixture.now).isEmpty)
        clock.advance(by: .seconds(90_000))
        #expect(clocks.notices(early: 4, now: Fixture.now).count == 1)
    }
}
