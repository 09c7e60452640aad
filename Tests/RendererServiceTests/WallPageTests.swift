import Bus
import Foundation
import Hummingbird
import Messages
import Testing

@testable import RendererService

@Suite struct WallPageTests {
    private func ids(_ html: String) -> [String] {
        Fixture.tags(in: html).filter { $0.hasPrefix("<article") }.flatMap { Fixture.values(of: "id", in: $0) }
    }

    private func older(_ html: String) -> String? {
        Fixture.tags(in: html).first { $0.contains("rel=\"next\"") }.flatMap {
            Fixture.values(of: "href", in: $0).first
        }
    }

    @Test func theRoot_redirectsToTheWall() async throws {
        let response = try await Fixture().request("/")
        #expect(response.status == .found)
        #expect(response.headers[.location] == "/tweets")
    }

    @Test func pages_followedToTheEnd_showEveryMessageOnceNewestFirst() async throws {
        let fixture = try Fixture()
        let messages = try fixture.write((0..<117).map { "message \($0)" })
        // Some written in one millisecond: only the id orders them.
        let same = try (0..<60).map { try Fixture.message("same \($0)", at: Fixture.now - 500_000) }
        for message in same { fixture.wall.commit(message) }
        var seen: [String] = []
        var next: String? = "/tweets"
        var pages = 0
        while let path = next {
            let html = try await fixture.page(path)
            seen += ids(html)
            next = older(html)
            pages += 1
        }
        let all = (messages + same).sorted {
            Cursor(time: $0.at ?? 0, id: $0.id) > Cursor(time: $1.at ?? 0, id: $1.id)
        }
        #expect(seen == all.map(\.id.hex))
        #expect(pages == 4)
    }

    @Test func anOlderPage_whenNewMessagesArrive_keepsItsAddressAndContent() async throws {
        let fixture = try Fixture()
        try fixture.write((0..<80).map { "old \($0)" })
        let path = try #require(older(await fixture.page("/tweets")))
        let before = ids(try await fixture.page(path))
        fixture.wall.commit(try Fixture.message("new"))
        #expect(ids(try await fixture.page(path)) == before)
        #expect(before.count == 30)
    }

    @Test func theWall_whenEmpty_saysSo() async throws {
        let html = try await Fixture().page("/tweets")
        #expect(html.contains("Nothing is written here yet"))
        #expect(html.contains("<form"))
    }

    @Test func aMessage_showsItsAuthorTimeAndPermalink() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("hello")
        fixture.wall.commit(message)
        let html = try await fixture.page("/tweets")
        #expect(html.contains("href=\"/tweets/\(message.id.hex)\"><time datetime=\"2026-11-22T19:50:00.000Z\">"))
        #expect(html.contains("href=\"/authors/\(Fixture.alice.publicKey.text)\""))
        #expect(!html.contains("arrived") && !html.contains("2011"))
    }

    @Test func aMessage_whenItCameLongAfterItWasWritten_isMarked() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("late"), receivedAt: Fixture.now + 2 * 3_600_000 + 1)
        fixture.wall.commit(try Fixture.message("soon"), receivedAt: Fixture.now + 600_000)
        let html = try await fixture.page("/tweets")
        #expect(html.components(separatedBy: "arrived 2 hours later").count == 2)
        #expect(html.components(separatedBy: "arrived").count == 2)
    }

    /// Who is ahead does not stand above those whose clocks are right.
    @Test func aMessage_ofAClockThatIsAhead_standsWhereItCame_andShowsBothTimes() async throws {
        let fixture = try Fixture()
        let ahead = try Fixture.message("ahead", at: Fixture.now + 14 * 60_000)
        let fed = fixture.wall.commit(ahead, receivedAt: Fixture.now)
        let live = String(buffer: fixture.renderer.hub.event(fed))
        #expect(live.contains("clock ahead: ") && live.contains("data-time=\\\"\(Fixture.now)\\\""), "\(live)")
        let honest = try Fixture.message("honest", at: Fixture.now + 1000)
        fixture.wall.commit(honest, receivedAt: Fixture.now + 1000)
        fixture.wall.commit(try Fixture.message("a little", at: Fixture.now + 59_000), receivedAt: Fixture.now - 1000)
        for path in ["/tweets", "/authors/\(Fixture.alice.publicKey.text)", "/search?q=ahead"] {
            let html = try await fixture.page(path)
            #expect(html.components(separatedBy: ">clock ahead: ").count == 2, "\(path)")
            #expect(html.contains(">clock ahead: <time datetime=\"2026-11-22T20:04:00.000Z\">22 Nov 2026, 20:04 UTC<"))
            #expect(
                html.contains("#\(ahead.id.hex)\"")
                    || html.contains("id=\"\(ahead.id.hex)\" data-time=\"\(Fixture.now)\""))
        }
        let order = Fixture.values(of: "id", in: try await fixture.page("/tweets")).filter { $0.count == 64 }
        #expect(order.prefix(2) == [honest.id.hex, ahead.id.hex])
        let alone = try await fixture.page("/tweets/\(ahead.id.hex)")
        #expect(alone.contains("by the author’s clock: clock ahead by 14 minutes"))
        for feed in ["/feed.atom", "/feed.rss", "/feed.json"] {
            let text = try await fixture.page(feed)
            let words = "Clock ahead: written 22 Nov 2026, 20:04 UTC, came 22 Nov 2026, 19:50 UTC."
            #expect(text.components(separatedBy: words).count == 2, "\(feed)")
        }
        #expect(try await !fixture.page("/feed.json").contains("\"date_published\":\"2026-11-22T20:04"))
    }

    @Test func aMessageOf2011_isMarkedAsForgeable_wherever() async throws {
        let fixture = try Fixture()
        let message = try Fixture.legacyMessage()
        fixture.wall.commit(message)
        #expect(try await fixture.page("/tweets").contains(">2011 · forgeable</span>"))
        #expect(
            try await fixture.page("/about").contains(
                "What is marked 2011 has a signature of that time, which can be forged"))
        for feed in ["/feed.atom", "/feed.rss", "/feed.json"] {
            #expect(try await fixture.page(feed).contains("2011 · forgeable: anybody may have written this."))
        }
        #expect(try await fixture.page("/tweets/\(message.id.hex)").contains("but it is weak"))
        #expect(try await fixture.page("/authors/\(message.key.text)").contains("2011 · forgeable"))
    }

    @Test func aMessageOfAnotherChannel_namesIt() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("meow", on: try Channel("cats")))
        #expect(try await fixture.page("/tweets").contains(">#cats</a>"))
    }

    @Test func theAuthorsPage_showsOnlyThatAuthor() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("by alice"))
        fixture.wall.commit(try Fixture.message("by bob", by: Fixture.bob))
        let html = try await fixture.page("/authors/\(Fixture.bob.publicKey.text)")
        #expect(html.contains("by bob") && !html.contains("by alice"))
        #expect(html.contains(Fixture.bob.publicKey.text))
    }

    @Test func theAuthorsPage_ofAnotherSpellingOfAKey_redirectsToTheOne() async throws {
        let key = try Fixture.legacyMessage().key.text
        let response = try await Fixture().request("/authors/\(key.uppercased())")
        #expect(response.status == .movedPermanently)
        #expect(response.headers[.location] == "/authors/\(key)")
        #expect(try await Fixture().request("/authors/nobody").status == .notFound)
    }

    @Test func aPageOf50Messages_isLight() async throws {
        let fixture = try Fixture()
        try fixture.write((0..<60).map { "\($0) " + String(repeating: "word ", count: 30) })
        let html = try await fixture.page("/tweets")
        #expect(ids(html).count == 50)
        #expect(html.utf8.count < 60_000, "\(html.utf8.count)")
    }

    @Test func thePage_withoutAReceiver_isA503InTheSameDress() async throws {
        let fixture = try Fixture()
        fixture.wall.fail(with: .unavailable("no receiver"))
        for path in [
            "/tweets", "/authors/\(Fixture.alice.publicKey.text)", "/tweets/\(String(repeating: "0", count: 64))",
        ] {
            let response = try await fixture.request(path)
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.retryAfter] == "5")
            #expect(response.text.contains("<main"))
        }
    }

    @Test func aBrokenCursor_isABadRequest() async throws {
        #expect(try await Fixture().request("/tweets?before=1-2").status == .badRequest)
        #expect(try await Fixture().request("/tweets?before=%FF").status == .badRequest)
    }

    @Test func thePermalink_showsTheSignedSignalsAndHowToVerify() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("prove it")
        fixture.wall.commit(message)
        let html = try await fixture.page("/tweets/\(message.id.hex)")
        #expect(html.contains("The signature holds"))
        #expect(html.contains("p2pmsg show \(message.id.hex) --json | p2pmsg verify"))
        #expect(html.contains("http://localhost/tweets/\(message.id.hex)"))
        #expect(html.contains("&quot;+sig&quot;: &quot;\(message.signature)&quot;"))
    }

    @Test func thePermalink_asJSON_isAMessageThatVerifies() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("as \"JSON\" \u{2028} </script>")
        fixture.wall.commit(message)
        let response = try await fixture.request("/tweets/\(message.id.hex)", headers: [.accept: "application/json"])
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.vary] == "Accept")
        let again = try SignedMessage(json: response.text)
        #expect(again == message && again.isSignatureValid())
    }

    @Test func anUnknownMessage_isA404() async throws {
        let fixture = try Fixture()
        for id in [String(repeating: "a", count: 64), String(repeating: "a", count: 63)] {
            let response = try await fixture.request("/tweets/\(id)")
            #expect(response.status == .notFound)
            #expect(response.text.contains("No such message"))
        }
        let json = try await fixture.request(
            "/tweets/\(String(repeating: "a", count: 64))", headers: [.accept: "application/json"])
        #expect(
            json.text
                == #"{"error":{"code":"message_not_found","message":"This node does not have that message. It may not have arrived yet, or it was never written."}}"#
                + "\n")
    }
}
