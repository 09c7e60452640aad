import Bus
import Foundation
import Messages
import ReceiverStore
import Synchronization
import TestSupport
import Testing

extension ConformanceTest {
    /// How far other stores were read.
    static let places = tests { test in
        test("placesInOtherStores_areKept") { stores in
            let store = try stores.open()
            let other = Fixture.storeID()
            #expect(try store.replicaPosition(of: other) == 0)
            try store.setReplicaPosition(of: other, to: 7)
            try store.setReplicaPosition(of: other, to: 9)
            try store.setReplicaPosition(of: Fixture.storeID(), to: 3)
            #expect(try stores.open().replicaPosition(of: other) == 9)
            store.close()
            #expect(try stores.open().replicaPosition(of: other) == 9)
        }

        // What was passed over because nobody took its channel is missing from then on.
        test("otherStores_areReadFromTheirBeginning_whenAChannelIsNew") { stores in
            let store = try stores.open()
            let garden = try Channel("garden")
            let other = Fixture.storeID()
            try store.setReplicaPosition(of: other, to: 7)
            try store.name([.tweets])
            #expect(try store.replicaPosition(of: other) == 7)
            try store.name([.tweets, garden])
            #expect(try store.replicaPosition(of: other) == 0)
            try store.setReplicaPosition(of: other, to: 9)
            store.close()
            let again = try stores.open(channels: [.tweets, garden])
            #expect(try again.replicaPosition(of: other) == 9)
            _ = try stores.open(channels: [.tweets, Channel("meadow")])
            #expect(try again.replicaPosition(of: other) == 0)
        }
    }

    /// A copy of a store that is in use, and what is taken out of one that may be damaged.
    static let copies = tests { test in
        test("copy_hasEverything_andIsAStore") { stores in
            let directory = try TemporaryDirectory()
            let store = try stores.open()
            let rows = try store.commit(Fixture.messages(50)).rows
            let hidden = Rule(subject: .message(rows[3].stored.message.id), isActive: true, at: 1)
            _ = try store.set(hidden)
            let held = try store.copy()
            try store.commit([Fixture.message("after the copy")])
            let copy = directory.file("copy")
            try held.all().write(to: URL(fileURLWithPath: copy))
            held.close()
            let other = try stores.open(copy: copy)
            #expect(other.id == store.id)
            let page = await other.page(.after(position: 0, limit: 500))
            #expect(page?.rows == rows.filter { $0.position != 4 })
            #expect(await other.rules(.hiddenMessage, limit: 9)?.rules == [hidden])
            #expect(await store.summary()?.messages == 51)
        }

        test("copy_isOneAtATime_whoeverMakesIt") { stores in
            let (store, other) = (try stores.open(), try stores.open())
            try store.commit(Fixture.messages(3))
            let held = try store.copy()
            for store in [store, other] {
                let error = #expect(throws: StoreError.self) { try store.copy() }
                #expect(error?.code == .backupBusy)
            }
            held.close()
            held.close()
            let error = #expect(throws: StoreError.self) { try held.read(from: 0, count: 1) }
            #expect(error?.code == .backupGone)
            #expect(try other.copy().bytes == held.bytes)
        }

        // The numbers come from clients.
        test("copy_endsWhereItEnds") { stores in
            let store = try stores.open()
            let copy = try store.copy()
            #expect(try copy.read(from: copy.bytes - 1, count: .max).count == 1)
            for offset in [copy.bytes, copy.bytes + 1, .max] {
                #expect(try copy.read(from: offset, count: 9).isEmpty)
            }
        }

        test("salvage_givesEveryMessageOnceWithAllThatTheStoreKnew") { stores in
            let named = try Channel("named")
            let store = try stores.open(channels: [.tweets, named])
            var messages = try Fixture.messages(200)
            messages.append(try Fixture.message("elsewhere", channel: named))
            messages.append(try Fixture.message("nowhere", channel: Channel("unnamed")))
            messages.append(try Fixture.message("old", by: Fixture.legacyAuthor))
            let rows = try store.commit(messages, receivedAt: 4_711).rows
            // Whether anybody has it open or not.
            for _ in 0..<2 {
                var found: [StoredMessage] = []
                _ = try stores.site.location.salvage { message in
                    found.append(message)
                    return true
                }
                #expect(Set(found) == Set(rows.map(\.stored)))
                #expect(found.count == 203)
                store.close()
            }
        }

        test("salvage_leavesOutWhatIsForged") { stores in
            let store = try stores.open()
            let messages = try Fixture.messages(3)
            try store.commit([messages[0], Fixture.forged(messages[1]), messages[2]])
            store.close()
            var found: Set<SignedMessage> = []
            _ = try stores.site.location.salvage { found.insert($0.message).inserted }
            #expect(found == [messages[0], messages[2]])
        }

        test("salvage_whenNobodyReads_stops") { stores in
            let store = try stores.open()
            try store.commit(Fixture.messages(100))
            store.close()
            var count = 0
            _ = try stores.site.location.salvage { _ in
                count += 1
                return count < 7
            }
            #expect(count == 7)
        }

        test("salvage_whereThereIsNothing_saysSoAndMakesNothing") { stores in
            let location = stores.site.location
            for _ in 0..<2 {
                let error = #expect(throws: StoreError.self) { try location.salvage { _ in true } }
                #expect(error?.code == .unreadable)
                #expect(error?.message.contains(location.place) == true)
            }
        }
    }
}

extension StoreCopy {
    /// Its bytes, read as a client does.
    fileprivate func all() throws -> Data {
        var all = Data()
        while all.count < bytes { all += Data(try read(from: UInt64(all.count), count: 10_000)) }
        return all
    }
}
