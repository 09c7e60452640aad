import Bus
import BusClient
import Foundation
import Hummingbird
import Messages
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@testable import RendererService

/// What strangers can make the live view send.
@Suite struct LiveBoundsTests {
    func names(_ stream: HTTPClient.EventStream, _ count: Int) async throws -> [String] {
        for index in 0..<count {
            guard await stream.first(from: index, within: .seconds(20)) != nil else { break }
        }
        return stream.all.map { $0.name ?? "" }
    }

    @Test func aStreamThatMissedTooMuch_isToldToLoadThePage_andCostsOneQuestion() async throws {
        let fixture = try Fixture()
        let most = Int(Limits.catchUpMessages)
        let all = try (0...most + 1).map { fixture.wall.commit(try Fixture.message("\($0)"), isFed: false) }
        try await fixture.serve { client in
            let before = fixture.wall.queries
            let stream = try await client.events("/events?live=no&last=\(all[0].eventID)")
            #expect(try await names(stream, 2) == ["reset", "end"])
            #expect(fixture.wall.queries == before + 1)
            #expect(stream.all[0].id == all[most + 1].eventID.description, "it goes on from now")
        }
    }

    /// A reader that asks again and again for what was missed.
    @Test func whatOneVisitorMissed_hasARate_thenThereAreResets() async throws {
        let limits = VisitorLimits(nil)
        let now = ContinuousClock.now
        let most = Int(Limits.catchUpMessages)
        for visitor in [Visitor.local, .unnamed, .at(try #require(NetworkAddress("192.0.2.7")))] {
            let admitted = (0..<1_000).count { _ in limits.admitMissed(most, of: visitor, now: now) }
            #expect(admitted == Int(Limits.missedRate.burst) / most)
            let later = now + .seconds(60)
            let again = (0..<1_000).count { _ in limits.admitMissed(most, of: visitor, now: later) }
            #expect(again * most <= Int(Limits.missedRate.perSecond * 60))
        }
        let fixture = try Fixture()
        let all = try (0...most).map { fixture.wall.commit(try Fixture.message("\($0)"), isFed: false) }
        try await fixture.serve { client in
            let visits = Int(Limits.missedRate.burst) / most
            for _ in 0..<visits {
                let stream = try await client.events("/events?live=no&last=\(all[0].eventID)")
                #expect(try await names(stream, most + 1).count { $0 == "message" } == most)
            }
            let stream = try await client.events("/events?live=no&last=\(all[0].eventID)")
            #expect(try await names(stream, 2) == ["reset", "end"])
        }
    }

    /// 400 messages a second, 40 readers. They take nothing until it is over: that is what each has to be able to hold.
    @Test func aFlood_isCounted_soThatWhatGoesOutIsBounded() async throws {
        let fixture = try Fixture()
        let hub = fixture.renderer.hub
        let stored = StoredMessage(
            message: try Fixture.message(String(repeating: "flood ", count: 140)), receivedAt: 0, channel: nil)
        func message(_ position: Int) -> FeedMessage {
            FeedMessage(store: fixture.wall.store, row: Row(position: UInt64(position), stored: stored))
        }
        let readers = try (0..<40).map { _ in
            try #require(hub.join(after: EventID(store: fixture.wall.store, position: 0)) {})
        }
        let start = ContinuousClock.now
        let (seconds, each) = (40, 400)
        for second in 0..<seconds {
            for number in 0..<each {
                let now = start + .milliseconds(second * 1_000 + number * 1_000 / each)
                hub.publish(message(second * each + number + 1), now: now)
            }
            hub.tellCount(now: start + .seconds(second + 1))
        }
        // It is over: the last ones are counted, the next is there by itself.
        let calm = start + .seconds(seconds)
        hub.publish(message(seconds * each + 1), now: calm)
        hub.tellCount(now: calm + .seconds(1))
        hub.publish(message(seconds * each + 2), now: calm + .seconds(1))
        let one = hub.event(message(1)).readableBytes
        let bytesIn = seconds * each * stored.message.encoded().count
        var bytesOut = 0
        for reader in readers {
            reader.leave()
            var (messages, counted) = (0, 0)
            for await item in reader.subscriber.items {
                switch item {
                case .event(_, let bytes):
                    messages += 1
                    bytesOut += bytes.readableBytes
                case .notice(let bytes, _):
                    bytesOut += bytes.readableBytes
                    let data = String(buffer: bytes).components(separatedBy: "data: ").last ?? ""
                    counted += try JSON(parsing: data.trimmingCharacters(in: .newlines))["count"].int ?? 0
                }
            }
            #expect(messages + counted == seconds * each + 2, "each is told or counted")
            #expect(messages <= Int(Limits.liveRate.burst) + Int(Limits.liveRate.perSecond) + 1)
        }
        let most = Int(Limits.liveRate.burst) + Int(Limits.liveRate.perSecond) + 1
        #expect(bytesOut <= readers.count * (most * one + (seconds + 1) * 200))
        #expect(fixture.renderer.counters.counter("streams_dropped_slow").value == 0)
        print("threat: live flood: \(bytesIn) bytes in, \(bytesOut) out to \(readers.count) readers")
    }

    @Test func aCount_saysWhereToReadOn() throws {
        var pace = Pace()
        let store = ModelWall.newStore()
        let now = ContinuousClock.now
        var told = 0
        for position in 1...500 as ClosedRange<UInt64> {
            let before = position == 1 ? nil : EventID(store: store, position: position - 1)
            if pace.admits(EventID(store: store, position: position), after: before, now: now) { told += 1 }
        }
        #expect(told == Int(Limits.liveRate.burst))
        let first = pace.takeCount(now: now + .seconds(1))
        let count = try #require(first)
        #expect(count.messages == 500 - told)
        #expect(count.after.position == UInt64(told) && count.last.position == 500)
        #expect(
            LiveEvent.new(count)
                == "id: \(count.last)\nevent: new\ndata: {\"count\":\(count.messages),\"after\":\"\(count.after)\"}\n\n"
        )
        #expect(pace.takeCount(now: now + .seconds(2)) == nil)
        #expect(pace.takeCount(now: now + .seconds(3)) == nil)
    }

    /// What other stores told costs as much as what the own one has.
    @Test func whatOtherStoresTold_isCountedToo() async throws {
        let fixture = try Fixture()
        let seen = fixture.wall.commit(try Fixture.message("seen"), receivedAt: 1000)
        let other = ModelWall.newStore()
        let told = try (1...200).map {
            fixture.wall.commit(try Fixture.message("\($0)"), receivedAt: 1000 + Int64($0), in: other)
        }
        let asked = Mutex<[Int]>([])
        for isAdmitted in [true, false] {
            asked.withLock { $0 = [] }
            var catchUp = CatchUp(wall: fixture.wall, after: seen.eventID, recent: told) { count in
                asked.withLock { $0.append(count) }
                return count == 1 || isAdmitted
            }
            var sent = 0
            let before = fixture.wall.queries
            do {
                try await catchUp.run { _ in sent += 1 }
                #expect(isAdmitted && sent == told.count)
            } catch CatchUp.Failure.beyondReach(let now) {
                #expect(!isAdmitted && sent == 0 && now == seen.eventID)
                #expect(fixture.wall.queries == before + 2, "the other store is not asked")
            }
            #expect(asked.withLock { $0 } == [1, told.count])
        }
    }

    @Test func aPlaceWhoseMessageIsGone_isToldToLoadThePage_whereOtherStoresHaveMore() async throws {
        let fixture = try Fixture()
        let bad = fixture.wall.commit(try Fixture.message("bad"), receivedAt: 1000)
        let told = fixture.wall.commit(
            try Fixture.message("only there"), receivedAt: 1100, in: ModelWall.newStore(), isFed: false)
        fixture.wall.hide(bad.stored.message.id)
        var alone = CatchUp(wall: fixture.wall, after: bad.eventID, recent: [])
        try await alone.run { _ in Issue.record("nothing was missed") }
        var catchUp = CatchUp(wall: fixture.wall, after: bad.eventID, recent: [told])
        await #expect(throws: CatchUp.Failure.self) { try await catchUp.run { _ in } }
    }

    @Test func api_afterAPlaceOfLiveEvents_isEverythingInItsOrder() async throws {
        let fixture = try Fixture()
        let all = try (1...5).map { fixture.wall.commit(try Fixture.message("\($0)", at: Fixture.now - Int64($0))) }
        let page = try await fixture.request("/api/messages?after=\(all[1].eventID)&limit=2")
        let json = try JSON(parsing: page.text)
        #expect(json["messages"].array?.compactMap { $0["message"].string } == ["3", "4"])
        #expect(json["next"].string == all[3].eventID.description)
        let end = try JSON(parsing: try await fixture.page("/api/messages?after=\(all[4].eventID)"))
        #expect(end["messages"].array == [] && end["next"].string == all[4].eventID.description)
        for place in [
            EventID(store: fixture.wall.store, position: 99), EventID(store: ModelWall.newStore(), position: 1),
        ] {
            #expect(try await fixture.request("/api/messages?after=\(place)").status == .notFound)
        }
        fixture.wall.fail(with: .unavailable("no receiver"))
        #expect(try await fixture.request("/api/messages?after=\(all[0].eventID)").status == .serviceUnavailable)
        fixture.wall.fail(with: nil)
        for query in ["after=x", "after=\(all[0].eventID)&q=x", "after=\(all[0].eventID)&channel=tweets"] {
            #expect(try await fixture.request("/api/messages?\(query)").status == .badRequest)
        }
    }
}
