import Bus
import BusClient
import Foundation
import Hummingbird
import Messages
import TestSupport
import Testing

@testable import RendererService

@Suite struct EventsTests {
    private static let anywhere = EventID(store: ModelWall.newStore(), position: 0)

    private func texts(_ stream: HTTPClient.EventStream, _ count: Int) async throws -> [String] {
        for index in 0..<count {
            guard await stream.first(from: index, within: .seconds(10)) != nil else { break }
        }
        return try stream.all.map { try JSON(parsing: $0.data)["message"].string ?? $0.name ?? "" }
    }

    @Test func aNewMessage_reachesAnOpenStream() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let stream = try await client.events("/events")
            #expect(stream.response.status == 200)
            #expect(stream.response.headers["content-type"] == "text/event-stream; charset=utf-8")
            #expect(stream.response.headers["cache-control"] == "no-cache")
            #expect(stream.response.headers["x-accel-buffering"] == "no")
            let committed = fixture.wall.commit(try Fixture.message("live"))
            let event = try #require(await stream.first(within: .seconds(10)))
            #expect(event.id == committed.eventID.description)
            #expect(event.name == "message")
            let data = try JSON(parsing: event.data)
            #expect(data["id"].string == committed.row.stored.message.id.hex)
            #expect(data["html"].string?.hasPrefix("<article") == true)
        }
    }

    /// As in the first second of a renderer, whose feed ends all streams when it begins.
    @Test func aStreamThatIsCutOffBeforeItsFirstEvent_losesNothing() async throws {
        let fixture = try Fixture()
        let newest = fixture.wall.commit(try Fixture.message("there already"), isFed: false)
        try await fixture.serve { client in
            let stream = try await client.events("/events")
            let place = try #require(await stream.firstID(within: .seconds(10)))
            #expect(place == newest.eventID.description)
            fixture.wall.breakFeed()
            #expect(await stream.first(within: .seconds(10)) == nil)
            fixture.wall.commit(try Fixture.message("while it was away"), isFed: false)
            let again = try await client.events("/events", headers: ["Last-Event-ID": place])
            #expect(try await texts(again, 1) == ["while it was away"])
        }
    }

    @Test(arguments: ["/events", "/events?last=", "/events?last=nonsense"])
    func everyStream_beginsWithAnIDOfWhereTheWallStands(path: String) async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let empty = try await client.events(path)
            #expect(await empty.firstID(within: .seconds(10)) == "\(fixture.wall.store):0")
            let first = fixture.wall.commit(try Fixture.message("fed"))
            try await eventually("the feed is there", within: .seconds(10)) {
                fixture.renderer.hub.newest == first.eventID
            }
            let stream = try await client.events(path)
            #expect(await stream.firstID(within: .seconds(10)) == first.eventID.description)
            let next = try await client.events("/events", headers: ["Last-Event-ID": first.eventID.description])
            #expect(await next.firstID(within: .seconds(10)) == first.eventID.description)
        }
    }

    @Test func aStreamThatNoStoreGivesAPlace_endsAndIsAskedForAgain() async throws {
        let fixture = try Fixture()
        fixture.wall.fail(with: .unavailable("no receiver"))
        let response = try await fixture.request("/events")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
        #expect(response.text.hasPrefix("retry: ") && !response.text.contains("id:"))
    }

    @Test func aStreamThatComesBack_getsWhatItMissedAndThenTheRest() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let stream = try await client.events("/events")
            let first = fixture.wall.commit(try Fixture.message("1"))
            #expect(try await texts(stream, 1) == ["1"])
            for number in 2...4 { fixture.wall.commit(try Fixture.message("\(number)")) }
            #expect(try await texts(stream, 4).count == 4)
            let again = try await client.events("/events", headers: ["Last-Event-ID": first.eventID.description])
            #expect(try await texts(again, 3) == ["2", "3", "4"])
            fixture.wall.commit(try Fixture.message("5"))
            #expect(try await texts(again, 4) == ["2", "3", "4", "5"])
        }
    }

    /// As after a restart: nothing is remembered, the store has it all.
    @Test func aStreamThatComesBackToAnotherRenderer_isCompletedFromTheStore() async throws {
        let fixture = try Fixture()
        let most = Int(Limits.catchUpMessages)
        let committed = try (1...most + 3).map { fixture.wall.commit(try Fixture.message("\($0)"), isFed: false) }
        try await fixture.serve { client in
            let stream = try await client.events("/events?last=\(committed[2].eventID)")
            let all = try await texts(stream, most)
            #expect(all == (4...most + 3).map(String.init))
            fixture.wall.commit(try Fixture.message("more"))
            #expect(try await texts(stream, most + 1).last == "more")
        }
    }

    /// For a page whose browser has a stream already.
    @Test(arguments: [true, false])
    func whatWasMissedAlone_isSentAndEnded(isRemembered: Bool) async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let stream = try await client.events("/events")
            let all = try (1...4).map { fixture.wall.commit(try Fixture.message("\($0)"), isFed: isRemembered) }
            if isRemembered { #expect(try await texts(stream, 4).count == 4) }
            let missed = try await client.events("/events?live=no&last=\(all[1].eventID)")
            #expect(try await texts(missed, 3) == ["3", "4", "end"])
            try await eventually("it is over", within: .seconds(10)) { missed.isFinished }
            let none = try await client.events("/events?live=no&last=\(all[3].eventID)")
            #expect(try await texts(none, 1) == ["end"])
        }
    }

    @Test func messagesThatArriveWhileAStreamIsCompleted_comeOnce() async throws {
        let fixture = try Fixture()
        let first = fixture.wall.commit(try Fixture.message("0"), isFed: false)
        var catchUp = CatchUp(wall: fixture.wall, after: first.eventID, recent: [])
        let second = fixture.wall.commit(try Fixture.message("1"))
        var sent: [FeedMessage] = []
        try await catchUp.run { sent.append($0) }
        #expect(sent == [second])
        #expect(catchUp.hasSent(second))
        #expect(!catchUp.hasSent(fixture.wall.commit(try Fixture.message("2"))))
    }

    @Test func aStreamOfOneStore_getsWhatOnlyAnotherStoreHas() async throws {
        let fixture = try Fixture()
        let other = ModelWall.newStore()
        let seen = fixture.wall.commit(try Fixture.message("seen"), receivedAt: 1000)
        let earlier = fixture.wall.commit(try Fixture.message("earlier"), receivedAt: 900, in: other)
        let both = fixture.wall.commit(try Fixture.message("both"), receivedAt: 1100)
        let bothThere = fixture.wall.commit(try Fixture.message("both"), receivedAt: 1101, in: other)
        let only = fixture.wall.commit(try Fixture.message("only there"), receivedAt: 1200, in: other)
        var catchUp = CatchUp(wall: fixture.wall, after: seen.eventID, recent: [earlier, bothThere, only])
        var sent: [FeedMessage] = []
        try await catchUp.run { sent.append($0) }
        #expect(sent == [both, only])
    }

    @Test(arguments: ["nonsense", "00000000-0000-4000-8000-000000000000:7"])
    func aStreamWithAPlaceThatIsUnknown_isToldToLoadThePage(last: String) async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let stream = try await client.events("/events", headers: ["Last-Event-ID": last])
            let event = try #require(await stream.first(within: .seconds(10)))
            #expect(event.name == "reset")
            fixture.wall.commit(try Fixture.message("live"))
            #expect(await stream.first(from: 1, within: .seconds(10)) != nil)
        }
    }

    @Test func aStreamFromTheStoresFuture_isToldToLoadThePageAndGoesOnFromNow() async throws {
        let fixture = try Fixture()
        let newest = fixture.wall.commit(try Fixture.message("x"), isFed: false)
        try await fixture.serve { client in
            let stream = try await client.events("/events?last=\(fixture.wall.store):99")
            let event = try #require(await stream.first(within: .seconds(10)))
            #expect(event.name == "reset")
            #expect(event.id == newest.eventID.description)
        }
    }

    @Test func aHoleInTheFeed_endsTheStreamsAndIsFilledFromTheStore() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let stream = try await client.events("/events")
            let first = fixture.wall.commit(try Fixture.message("1"))
            #expect(try await texts(stream, 1) == ["1"])
            fixture.wall.commit(try Fixture.message("lost by the feed"), isFed: false)
            fixture.wall.breakFeed()
            #expect(await stream.first(from: 1, within: .seconds(10)) == nil)
            #expect(stream.isFinished)
            fixture.wall.commit(try Fixture.message("3"))
            let again = try await client.events("/events", headers: ["Last-Event-ID": first.eventID.description])
            #expect(try await texts(again, 2) == ["lost by the feed", "3"])
        }
    }

    @Test func aStreamThatEnds_leavesNoPlaceBehind() async throws {
        let fixture = try Fixture()
        let open = fixture.renderer.counters.gauge("streams")
        try await fixture.serve { client in
            do {
                let stream = try await client.events("/events")
                #expect(stream.response.status == 200)
                try await eventually("the stream is counted", within: .seconds(10)) { open.value == 1 }
            }
            try await eventually("the stream is gone", within: .seconds(10)) { open.value == 0 }
        }
    }

    @Test func aStreamThatTakesNothing_isCutOffAndCounted() async throws {
        let fixture = try Fixture()
        let closed = Mailbox<Bool>()
        let hub = fixture.renderer.hub
        let slow = try #require(hub.join(after: Self.anywhere) { closed.append(true) })
        let other = try #require(hub.join(after: Self.anywhere) {})
        let taking = Task {
            var count = 0
            for await _ in other.subscriber.items {
                count += 1
                if count == Limits.streamEvents + 1 { break }
            }
            return count
        }
        let message = try Fixture.message("x")
        let start = ContinuousClock.now
        for position in 0...UInt64(Limits.streamEvents) {
            hub.publish(
                FeedMessage(
                    store: fixture.wall.store,
                    row: Row(
                        position: position, stored: StoredMessage(message: message, receivedAt: 0, channel: nil))),
                now: start + .seconds(1) * Int(position))
            // The one that takes has room again before the next comes.
            await Task.yield()
            if position % 64 == 0 { try await letTimePass(.milliseconds(1)) }
        }
        #expect(closed.all == [true])
        #expect(fixture.renderer.counters.counter("streams_dropped_slow").value == 1)
        #expect(await taking.value == Limits.streamEvents + 1)
        withExtendedLifetime((slow, other)) {}
    }

    @Test func onlyTheNewestMessagesOfOtherStores_areRemembered() throws {
        let fixture = try Fixture()
        let message = StoredMessage(message: try Fixture.message("x"), receivedAt: 0, channel: nil)
        let all = (0...UInt64(Limits.recentMessages)).map { position in
            FeedMessage(store: fixture.wall.store, row: Row(position: position, stored: message))
        }
        for event in all { fixture.renderer.hub.publish(event) }
        let own = try #require(fixture.renderer.hub.join(after: all[1].eventID) {})
        #expect(own.recent.isEmpty)
        let foreign = try #require(fixture.renderer.hub.join(after: Self.anywhere) {})
        #expect(foreign.recent == Array(all[1...]))
    }

    @Test func anAnswerThatIsNeverBegun_leavesNoPlaceBehind() throws {
        let fixture = try Fixture()
        let open = fixture.renderer.counters.gauge("streams")
        var place = fixture.renderer.hub.join(after: Self.anywhere) {}
        #expect(place != nil && open.value == 1)
        place = nil
        #expect(open.value == 0)
    }

    @Test func moreStreamsThanThereMayBe_areRefusedWithATimeToComeBack() async throws {
        let fixture = try Fixture()
        let places = (0..<Limits.streams).map { _ in fixture.renderer.hub.join(after: Self.anywhere) {} }
        #expect(places.allSatisfy { $0 != nil })
        let response = try await fixture.request("/events")
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "5")
        for place in places { place?.leave() }
        #expect(fixture.renderer.hub.join(after: Self.anywhere) {} != nil)
    }

    @Test func whereAllStreamsAreTaken_oneOfTheSiteThatHasMostGivesWay() throws {
        let hub = try Fixture().renderer.hub
        let closed = Mailbox<Int>()
        func join(_ site: Int) -> Hub.Place? {
            hub.join(after: Self.anywhere, of: [UInt8(site)]) { closed.append(site) }
        }
        let taken = (0..<Limits.streams).map { join($0 % 20) }
        let others = (100..<110).map(join)
        #expect(taken.allSatisfy { $0 != nil } && others.allSatisfy { $0 != nil })
        #expect(closed.all.count == 10 && Set(closed.all).count == 10, "\(closed.all)")
        #expect((0..<20).allSatisfy { join($0) == nil }, "who had to go comes back")
        #expect(join(110) != nil)
    }

    @Test func theFirstPage_namesThePlaceThatItsStreamBeginsAt() async throws {
        let fixture = try Fixture()
        let newest = fixture.wall.commit(try Fixture.message("x"))
        let html = try await fixture.page("/tweets")
        #expect(html.contains("data-events=\"/events\" data-last=\"\(newest.eventID)\""))
        let cursor = newest.row.stored.cursor
        #expect(try await !fixture.page("/tweets?before=\(cursor)").contains("data-events"))
    }
}

@Suite struct ServingTests {
    @Test func aPageOverASocket_isWhole() async throws {
        let fixture = try Fixture()
        try fixture.write(["over the wire"])
        try await fixture.serve { client in
            let response = try await client.get("/tweets")
            #expect(response.status == 200)
            #expect(response.body.contains("over the wire"))
            #expect(response.headers["content-length"] == "\(response.bytes.count)")
            let head = try await client.request("HEAD", "/tweets")
            #expect(head.headers["content-length"] == response.headers["content-length"])
        }
    }

    @Test func aFormOverTheSocket_isPosted() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let response = try await client.post(
                "/send", form: ["message": "päth & <b>"], headers: ["Origin": "http://localhost"])
            #expect(response.status == 303)
            #expect(fixture.wall.published.first?.text == "päth & <b>")
        }
    }

    @Test func headersThatAreTooLong_endTheConnection() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let response = try? await client.get("/tweets", headers: ["X-Long": String(repeating: "a", count: 40_000)])
            #expect(response == nil || (response?.status ?? 0) >= 400)
            let other = try await client.get("/livez")
            #expect(other.status == 200)
        }
    }

    @Test func aSocketFileThatIsServedAlready_isNotTaken() async throws {
        let fixture = try Fixture()
        try await fixture.serve { _ in
            let second = fixture.renderer.face(at: .unix(path: fixture.directory.file("http")))
            await #expect(throws: (any Error).self) { try await second.run() }
        }
        try fixture.directory.write("", to: "file")
        let third = fixture.renderer.face(at: .unix(path: fixture.directory.file("file")))
        await #expect(throws: (any Error).self) { try await third.run() }
    }

    @Test func aPortThatIsTaken_isNamed() async throws {
        let fixture = try Fixture()
        let port = try FreePort.tcp()
        let first = fixture.renderer.face(at: .ip(host: "127.0.0.1", port: Int(port)))
        let running = Task { try await first.run() }
        let client = HTTPClient(.tcp(port: port))
        try await eventually("the port answers", within: .seconds(10)) { try await client.get("/livez").status == 200 }
        let second = fixture.renderer.face(at: .ip(host: "127.0.0.1", port: Int(port)))
        do {
            try await second.run()
            Issue.record("it ran")
        } catch {
            #expect("\(error)" == "cannot serve --http at 127.0.0.1:\(port): Address already in use")
        }
        running.cancel()
        try await running.value
    }
}
