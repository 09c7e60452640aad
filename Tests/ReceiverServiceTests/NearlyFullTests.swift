import Bus
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TestSupport
import Testing

@testable import ReceiverService
@testable import SQLiteStore

/// A disk that has no room for strangers, as long as it has none.
@Suite struct NearlyFullTests {
    private final class Disk: Sendable {
        let free = Mutex<UInt64>(2_500_000_000)
    }

    private let directory: TemporaryDirectory
    private let disk = Disk()
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        let opened = try SQLiteStore.open(path: directory.file("store.sqlite"), channels: [.tweets])
        store = SQLiteStore(
            path: opened.path, id: opened.id, pool: opened.pool, patience: Patience(), isChecked: true,
            disk: DiskReserve { [disk] in .init(free: disk.free.withLock { $0 }, all: 100_000_000_000) })
    }

    private func makeRoom() { disk.free.withLock { $0 = 50_000_000_000 } }

    /// A stranger's and one of somebody who is settled.
    private func messages(at: Int64 = Fixture.now) throws -> [SignedMessage] {
        let before = Fixture.now - 2 * 86_400_000
        let first = try Fixture.message("first", at: before, by: Fixture.secondAuthor)
        #expect(try store.commit([Incoming(message: first, receivedAt: before, isOwn: true)]).outcomes == [.stored])
        return try [
            Fixture.message("of a stranger", at: at), Fixture.message("settled", at: at, by: Fixture.secondAuthor),
        ]
    }

    @Test func firstWordsOnTheCommandLine_areStored_thoseOnThePageAreNot() async throws {
        let rig = PipelineRig(store: store)
        rig.deliver([try Fixture.message("page")], source: .visitor)
        #expect(try await rig.outcomes(1) == [1: "store_nearly_full"])
        rig.deliver([try Fixture.message("own")], from: 2)
        #expect(try await rig.outcomes(2)[2] == "stored")
        store.close()
    }

    @Test func replica_comesBackForWhatItHadNoRoomFor() async throws {
        let household = Fixture.household(store)
        let messages = try messages()
        let rows = messages.enumerated().map { index, message in
            Row(
                position: UInt64(index + 7),
                stored: StoredMessage(message: message, receivedAt: Fixture.now, channel: nil))
        }
        let taken = try await household.take(rows.map(\.stored))
        #expect(taken.counts.stored == 1)
        #expect(taken.postponed == [messages[0].id])
        #expect(household.firstToAwait(rows, taken)?.row.position == 7)
        #expect(household.firstToAwait(rows, taken)?.reason == .noRoom)
        makeRoom()
        let again = try await household.take(rows.map(\.stored))
        #expect(again.counts.stored == 1 && again.postponed.isEmpty)
        #expect(household.firstToAwait(rows, again) == nil)
        store.close()
    }

    @Test func whatIsKeptAside_staysThere_forADayAtMost() async throws {
        let hour: Int64 = 3_600_000
        let due = Fixture.now + hour
        _ = try store.commit(messages(at: due).map { Incoming(message: $0, receivedAt: Fixture.now, isEarly: true) })
        func look(_ now: Int64) async -> Bool { await Fixture.household(store, clock: { now }).lookForDue() }
        #expect(await !look(due))
        #expect(try store.earlyMessages(since: 0).messages == 1)
        makeRoom()
        #expect(await look(due + 1))
        #expect(await store.summary()?.messages == 3)
        #expect(try store.earlyMessages(since: 0).messages == 0)
        disk.free.withLock { $0 = 2_500_000_000 }
        let late = try Fixture.message("late", at: due, by: Identity.generate(.ed25519))
        _ = try store.commit([Incoming(message: late, receivedAt: Fixture.now, isEarly: true)])
        #expect(await look(due + 25 * hour))
        #expect(try store.earlyMessages(since: 0).messages == 0)
        store.close()
    }
}
