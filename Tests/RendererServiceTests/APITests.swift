import Bus
import Foundation
import Hummingbird
import HummingbirdTesting
import Messages
import TestSupport
import Testing

@testable import RendererService

@Suite struct APITests {
    private func post(_ json: String, to fixture: Fixture) async throws -> TestResponse {
        try await fixture.request(
            "/api/messages", method: .post, headers: [.contentType: "application/json"], body: json)
    }

    private func code(_ response: TestResponse) throws -> String? {
        try JSON(parsing: response.text)["error"]["code"].string
    }

    @Test func messages_followedByNext_areAllThereOnce() async throws {
        let fixture = try Fixture()
        let messages = try fixture.write((0..<25).map { "m \($0)" })
        var seen: [String] = []
        var path: String? = "/api/messages?limit=10"
        while let now = path {
            let list = try JSON(parsing: await fixture.page(now))
            for index in 0..<10 { if let id = list["messages"][index]["id"].string { seen.append(id) } }
            path = list["next"].string.map { "/api/messages?limit=10&before=\($0)" }
        }
        #expect(seen == messages.reversed().map(\.id.hex))
    }

    @Test func messages_areFilteredByChannelAndAuthor() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("a"))
        fixture.wall.commit(try Fixture.message("b", by: Fixture.bob))
        fixture.wall.commit(try Fixture.message("c", on: try Channel("cats")))
        func texts(_ query: String) async throws -> [String] {
            let list = try JSON(parsing: await fixture.page("/api/messages?\(query)"))
            return (0..<3).compactMap { list["messages"][$0]["message"].string }.sorted()
        }
        #expect(try await texts("") == ["a", "b", "c"])
        #expect(try await texts("channel=cats") == ["c"])
        #expect(try await texts("channel=tweets") == ["a", "b"])
        #expect(try await texts("author=\(Fixture.encoded(Fixture.bob.publicKey.text))") == ["b"])
        #expect(try await texts("channel=dogs") == [])
    }

    @Test(arguments: [
        "limit=0", "limit=501", "limit=x", "before=1", "author=me", "channel=a%2Fb", "limit=%FF",
    ])
    func aBadParameter_isABadRequestInJSON(query: String) async throws {
        let response = try await Fixture().request("/api/messages?\(query)")
        #expect(response.status == .badRequest)
        #expect(try code(response) != nil)
    }

    @Test func aSignedMessage_isTakenWithAReceipt() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("from my own key")
        let response = try await post(message.json(), to: fixture)
        #expect(response.status == .created)
        #expect(response.headers[.location] == "/tweets/\(message.id.hex)")
        let receipt = try JSON(parsing: response.text)
        #expect(receipt["id"].string == message.id.hex)
        #expect(receipt["stored"][0].string == fixture.wall.store.description)
        #expect(receipt["relayed"].number == 0 && receipt["ms"].number != nil)
        #expect(fixture.wall.published == [message])
    }

    @Test(arguments: [
        ("", "json_malformed", 400), ("[]", "json_malformed", 400), ("{}", "json_malformed", 400),
        (#"{"signals":{"+key":"a","+key":"b"}}"#, "json_malformed", 400),
        (#"{"signals":{},"signals":{}}"#, "json_malformed", 400),
        (#"{"signals":{"+message":7}}"#, "json_malformed", 400),
        (#"{"signals":{"+message":"\ud800"}}"#, "json_malformed", 400),
        (#"{"signals":{}}"#, "missing_signal", 422),
    ])
    func whatIsNoMessage_isRefusedWithItsReason(json: String, expected: String, status: Int) async throws {
        let fixture = try Fixture()
        let response = try await post(json, to: fixture)
        #expect(response.status.code == status)
        #expect(try code(response) == expected)
        #expect(fixture.wall.published.isEmpty)
    }

    @Test func aMessageThatWasAltered_isRefused() async throws {
        let fixture = try Fixture()
        var signals = try Fixture.message("mine").signals
        signals["+message"] = "yours"
        let forged = try SignedMessage(signals: signals)
        let response = try await post(forged.json(), to: fixture)
        #expect(response.status == .unprocessableContent)
        #expect(try code(response) == "signature_wrong")
        #expect(fixture.wall.published.isEmpty)
    }

    @Test func aMessageFromTheFuture_isRefused() async throws {
        let message = try Fixture.message("soon", at: Fixture.now + 16 * 60_000)
        #expect(try code(await post(message.json(), to: try Fixture())) == "at_in_future")
    }

    @Test func aBodyThatIsTooLong_isA413() async throws {
        let fixture = try Fixture()
        let response = try await post("{\"x\":\"" + String(repeating: "a", count: 65_600) + "\"}", to: fixture)
        #expect(response.status == .contentTooLarge)
        #expect(try code(response) == "body_too_long")
    }

    @Test(arguments: [
        (WallError.unavailable("no router"), "unavailable", 503),
        (.refused(Refusal(code: "busy", text: "later")), "unavailable", 503),
        (.refused(Refusal(code: "legacy_refused", text: "not here")), "legacy_refused", 403),
        (.refused(Refusal(code: "text_too_long", text: "too long")), "text_too_long", 422),
    ])
    func aNodeThatDoesNotTakeIt_isReported(failure: WallError, expected: String, status: Int) async throws {
        let fixture = try Fixture()
        fixture.wall.fail(with: failure)
        let response = try await post(try Fixture.message("x").json(), to: fixture)
        #expect(response.status.code == status)
        #expect(try code(response) == expected)
        #expect((response.headers[.retryAfter] != nil) == (status == 503))
    }

    @Test func aReceiptWithoutStores_isAcceptedOnlyIfSomebodyTookIt() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("x")
        fixture.wall.answerPublishing(with: Receipt(id: message.id, stored: [], relayed: 1, complete: false))
        #expect(try await post(message.json(), to: fixture).status == .accepted)
        fixture.wall.answerPublishing(with: Receipt(id: message.id, stored: [], relayed: 0, complete: false))
        let nobody = try await post(message.json(), to: fixture)
        #expect(nobody.status == .gatewayTimeout)
        #expect(try code(nobody) == "not_acknowledged")
    }
}
