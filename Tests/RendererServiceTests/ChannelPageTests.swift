import Bus
import Hummingbird
import Messages
import Testing

@testable import RendererService

@Suite struct ChannelPageTests {
    @Test func channelsPage_showsOnlyThatChannel_andWritesThere() async throws {
        let fixture = try Fixture(base: "/wall")
        fixture.wall.commit(try Fixture.message("meow", on: try Channel("cats")))
        fixture.wall.commit(try Fixture.message("on the wall only"))
        let html = try await fixture.page("/wall/channels/cats")
        #expect(html.contains("meow") && !html.contains("on the wall only"))
        #expect(html.contains("<h1 class=\"title\" dir=\"auto\">#cats</h1>"))
        #expect(html.contains("name=\"channel\" value=\"cats\""))
        #expect(html.contains("data-end=\"\(try Channel("cats").end.hex)\""))
        #expect(html.contains("href=\"/wall/channels/cats/feed.atom\""))

        let sent = try await fixture.send(["message": "purr", "channel": "cats"], to: "/wall/send")
        let message = try #require(fixture.wall.published.last)
        #expect(sent.status == .seeOther)
        #expect(sent.headers[.location] == "/wall/channels/cats#\(message.id.hex)")
        #expect(message.end == (try Channel("cats")).end)
    }

    @Test func aMessageThatWasNotSent_staysOnTheChannelsPage() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("meow", on: try Channel("cats")))
        let response = try await fixture.send(["message": "  ", "channel": "cats"])
        #expect(response.status == .unprocessableContent)
        #expect(response.text.contains("#cats</h1>") && response.text.contains("id=\"error\""))
        let wrong = try await fixture.send(["message": "x", "channel": "a/b"])
        #expect(wrong.status == .unprocessableContent)
        #expect(fixture.wall.published.isEmpty)
    }

    @Test func channelThatNoStoreTakes_isSaid_andNothingIsWrittenThere() async throws {
        let fixture = try Fixture()
        let garden = try Channel("garden")
        #expect(try await !fixture.page("/channels/garden").contains("does not keep"))
        fixture.wall.doNotKeep(garden)
        let html = try await fixture.page("/channels/garden")
        #expect(html.contains("This node does not keep this channel") && html.contains("--channel"))
        #expect(!html.contains("Be the first"))
        #expect(!html.contains("<textarea"))
        let sent = try await fixture.send(["message": "hello", "channel": "garden"])
        #expect(sent.status == .notFound)
        #expect(
            sent.text.contains("nothing can be written there from here.") && sent.text.contains("\nhello</textarea>"))
        let signed = try Fixture.message("signed elsewhere", on: garden)
        let posted = try await fixture.request(
            "/api/messages", method: .post, body: signed.json(channel: nil, receivedAt: 0))
        #expect(posted.status == .notFound && posted.text.contains("channel_not_kept"))
        #expect(fixture.wall.published.isEmpty, "nobody is shown what this node's operator never sees")
        #expect(try await fixture.send(["message": "hello"]).status == .seeOther)
    }

    @Test(arguments: ["ünïcödé & <b>", "a?b#c", "%2e%2e", "אבג", "..", "tweets"])
    func everyName_hasAnAddressOfItsOwn(name: String) async throws {
        let fixture = try Fixture()
        let channel = try Channel(name)
        fixture.wall.commit(try Fixture.message("here", on: channel))
        let html = try await fixture.page(Listing.channel(channel).path)
        #expect(html.contains("here"))
        #expect(!html.contains("<b>"))
    }

    @Test(arguments: ["%01", "%20", "a%2Fb", "%E2%80%AEx", String(repeating: "x", count: 65)])
    func whatIsNoName_isA404ThatSaysWhy(name: String) async throws {
        let response = try await Fixture().request("/channels/\(name)")
        #expect(response.status == .notFound)
        #expect(response.text.contains("That is not the name of a channel"))
    }

    @Test(arguments: ["%23cats", "cats%20", "%20%23%20cats"])
    func nameInAnotherSpelling_leadsToTheOne(_ path: String) async throws {
        let fixture = try Fixture(base: "/wall")
        let response = try await fixture.request("/wall/channels/\(path)")
        #expect(response.status == .movedPermanently)
        #expect(response.headers[.location] == "/wall/channels/cats")
    }

    @Test func nameInTwoSpellings_isOneChannel_inThePathAndTheAPI() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("hot", on: try Channel("cafe\u{301}")))
        #expect(try await fixture.page("/channels/caf%C3%A9").contains("hot"))
        let other = try await fixture.request("/channels/cafe%CC%81")
        #expect(other.headers[.location] == "/channels/caf%C3%A9")
        for name in ["caf%C3%A9", "cafe%CC%81", "%23caf%C3%A9"] {
            #expect(try await fixture.request("/api/messages?channel=\(name)").text.contains("hot"))
            #expect(try await fixture.page("/search?q=hot&channel=\(name)").contains("One message"))
            #expect(try await fixture.request("/channels/\(name)/feed.json").text.contains("hot"))
        }
        #expect(try await fixture.request("/api/messages?channel=tweets%E2%80%8B").status == .badRequest)
    }

    @Test func aTag_leadsToItsChannel() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("meow", on: try Channel("cats")))
        fixture.wall.commit(try Fixture.message("unknown", on: try Channel("of another node")))
        let html = try await fixture.page("/tweets")
        #expect(html.contains("href=\"/channels/cats\">#cats</a>"))
        #expect(html.contains("<span class=\"tag\">#\(try Channel("of another node").end.hex.prefix(8))…</span>"))
    }

    @Test func about_saysWhatThisNodeHas() async throws {
        let fixture = try Fixture(base: "/wall")
        try fixture.write(["one", "two"])
        fixture.wall.commit(try Fixture.message("meow", on: try Channel("cats")))
        let sent = try await fixture.send(["message": "signed here"], to: "/wall/send")
        #expect(sent.status == .seeOther)
        let response = try await fixture.request("/wall/about")
        let html = response.text
        let key = try #require(fixture.wall.published.last?.key)
        #expect(html.contains(key.text))
        #expect(html.contains("4, by 2 authors"))
        #expect(html.contains(fixture.wall.store.description))
        #expect(html.contains("href=\"/wall/channels/cats\" dir=\"auto\">#cats</a>"))
        for format in FeedFormat.allCases { #expect(html.contains("href=\"/wall/feed.\(format.rawValue)\"")) }
        let tag = try #require(response.headers[.eTag])
        #expect(try await fixture.request("/wall/about", headers: [.ifNoneMatch: tag]).status == .notModified)
        let away: [WallError] = [
            .unavailable("x"), .refused(Refusal(code: "store_damaged", text: "x")),
            .refused(Refusal(code: "busy", text: "x")),
        ]
        for failure in away {
            fixture.wall.fail(with: failure)
            for path in ["/wall/about", "/wall/tweets"] {
                #expect(try await fixture.request(path).status == .serviceUnavailable, "\(path): \(failure)")
            }
        }
    }

    @Test func whatTheReceiverHasToTell_isOnThePages() async throws {
        let fixture = try Fixture()
        try fixture.write(["one"])
        let clock = "messages of 3 authors are in the future: is this clock right?"
        #expect(try await !fixture.page("/tweets").contains(clock))
        fixture.wall.tell([Notice(code: "clock_behind", text: clock), Notice(code: "retention_held", text: "held <b>")])
        let about = try await fixture.page("/about")
        #expect(about.contains("Warning: \(clock)"))
        #expect(about.contains("<dd>held &lt;b&gt;</dd>"))
        // The store has a new place when there is something to tell.
        try fixture.write(["two"])
        let wall = try await fixture.page("/tweets")
        #expect(wall.contains("Warning: \(clock)"))
        #expect(!wall.contains("held"))
    }

    @Test func sizes_haveTheirUnit() {
        #expect(Pages.size(0) == "0.0 kB")
        #expect(Pages.size(4_321) == "4.3 kB")
        #expect(Pages.size(999_600) == "1.0 MB")
        #expect(Pages.size(52_000_000_000) == "52.0 GB")
    }

    /// A name that turns the direction must not turn the end beside it.
    @Test func permalink_partsTheChannelsNameFromItsEnd() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("hello")
        fixture.wall.commit(message)
        let html = try await fixture.page("/tweets/\(message.id.hex)")
        #expect(html.contains("<bdi>tweets</bdi> <code>\(Channel.tweets.end.hex)</code>"))
    }
}
