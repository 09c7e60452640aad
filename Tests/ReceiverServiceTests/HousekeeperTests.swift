import Bus
import Logging
import Messages
import ReceiverStore
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// What is dropped when, and what is said before.
@Suite struct HousekeeperTests {
    private static let day: Int64 = 86_400_000
    private let directory: TemporaryDirectory
    private let clock = ManualClock()

    init() throws { directory = try TemporaryDirectory() }

    /// A store with a message of each of the last so many days.
    private func filled(days: Int64) throws -> any Store {
        let store = try Fixture.store(in: directory)
        try store.commit((0..<days).map { try Fixture.message("\($0)", at: Fixture.now - $0 * Self.day) })
        return store
    }

    private func start(_ store: any Store, keep: [String], at start: Int64) throws
        -> (clocks: ClockWatch, tidy: (Int64) async -> Void, lines: Mailbox<String>)
    {
        let (logger, lines) = LogRecorder.logger()
        let retention = try Retention(keep)
        let known = try store.knownTimes()
        let clocks = ClockWatch(
            retention, newest: known.believed ?? known.arrived, now: start, logger: logger,
            monotonic: { [clock] in clock.now })
        return (
            clocks,
            { now in
                await Fixture.household(
                    store, retention: retention, admission: Fixture.admission(clocks: clocks), logger: logger,
                    clock: { now }
                ).tidy()
            }, lines
        )
    }

    @Test func startWithAClockThatIsFarAhead_dropsNothing_untilTheMeshConfirmsIt() async throws {
        let store = try filled(days: 50)
        let ahead = Fixture.now + 100 * Self.day
        let (clocks, tidy, lines) = try start(store, keep: ["90d"], at: ahead)
        await tidy(ahead)
        #expect(await store.summary()?.messages == 50)
        #expect(
            lines.all == [
                "warning no message is dropped for its age "
                    + "because=the clock is 100 d beyond the last that this store knows: is it right?"
            ])
        clocks.noteStored(try Fixture.message("of then", at: ahead), from: .peer("192.0.2.1"), now: ahead)
        await tidy(ahead)
        #expect(await store.summary()?.messages == 0)
        store.close()
    }

    /// Not even a restart, and a message that has the same wrong time, make it believed.
    @Test func restartWhileInDoubt_staysInDoubt() async throws {
        let store = try filled(days: 50)
        await (try start(store, keep: ["90d"], at: Fixture.now)).tidy(Fixture.now)
        let ahead = Fixture.now + 100 * Self.day
        await (try start(store, keep: ["90d"], at: ahead)).tidy(ahead)
        try store.commit([try Fixture.message("own", at: ahead)], receivedAt: ahead)
        await (try start(store, keep: ["90d"], at: ahead)).tidy(ahead)
        #expect(await store.summary()?.messages == 51)
        store.close()
    }

    @Test func jumpOf62Seconds_withAShortKeep_dropsNothing() async throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(20))
        let (_, tidy, lines) = try start(store, keep: ["1m"], at: Fixture.now)
        await tidy(Fixture.now)
        clock.advance(by: .seconds(1))
        await tidy(Fixture.now + 63_000)
        #expect(await store.summary()?.messages == 20)
        #expect(lines.all.first?.contains("the clock went 1 min 2 s further than time did") == true)
        // Bytes need no clock.
        let (_, tidyBytes, _) = try start(store, keep: ["1m", "1kB"], at: Fixture.now)
        await tidyBytes(Fixture.now + 63_000)
        #expect(try #require(await store.summary()).messages < 5)
        store.close()
    }

    @Test func nodeThatWasOffForANight_dropsWhatIsOld() async throws {
        let store = try filled(days: 50)
        await (try start(store, keep: ["30d"], at: Fixture.now)).tidy(Fixture.now)
        let morning = Fixture.now + 10 * 3_600_000
        let (_, tidy, lines) = try start(store, keep: ["30d"], at: morning)
        await tidy(morning)
        #expect(await store.summary()?.messages == 30)
        #expect(lines.all.contains { $0.hasPrefix("warning") } == false)
        store.close()
    }

    @Test func moreThanATenthOfTheStore_isSaidBeforeItIsDropped() async throws {
        let store = try filled(days: 50)
        let (_, tidy, lines) = try start(store, keep: ["45d"], at: Fixture.now)
        await tidy(Fixture.now)
        #expect(lines.all == ["info old messages were dropped messages=4"], "4 of 50")
        let (_, tidyMore, more) = try start(store, keep: ["40d"], at: Fixture.now)
        await tidyMore(Fixture.now)
        #expect(
            more.all == [
                "notice about to drop more than a tenth of the store, as it is older or more than --keep says "
                    + "messages=5 of=46",
                "info old messages were dropped messages=5",
            ])
        let (_, tidyBytes, bytes) = try start(store, keep: ["tweets=2kB"], at: Fixture.now)
        await tidyBytes(Fixture.now)
        #expect(bytes.all.first?.hasPrefix("notice about to drop") == true)
        store.close()
    }
}
