import Hummingbird
import Messages
import NIOHTTP1
import TestSupport
import Testing

@testable import RendererService

/// What RFC 9110 and 9112 ask of a server, on the wire.
@Suite(.timeLimit(.minutes(1))) struct HTTPRulesTests {
    private static let host = "Host: localhost\r\n"

    /// Says something, and reads until the other side hangs up or is silent for `limit`.
    private func ask(
        _ fixture: Fixture, _ text: String, within limit: Duration = .milliseconds(400)
    ) throws -> (text: String, isClosed: Bool) {
        let peer = try RawPeer(unix: fixture.directory.file("http"))
        peer.send(Array(text.utf8))
        let answer = peer.read(within: limit)
        return (String(decoding: answer.bytes, as: UTF8.self), answer.isClosed)
    }

    /// The status lines of what came.
    private func statuses(_ text: String) -> [String] {
        text.matches(of: #/HTTP/1\.[01] (\d\d\d) /#).map { String($0.1) }
    }

    @Test func requestsThatMustBeRefused_areRefused_andTheConnectionEnds() async throws {
        let get = "GET /livez HTTP/1.1\r\n"
        let post = "POST /api/messages HTTP/1.1\r\n" + Self.host
        let chunk = "\r\n2\r\n{}\r\n0\r\n\r\n"
        let requests: [(String, String)] = [
            // Host
            (get + "\r\n", "400"), (get + Self.host + Self.host + "\r\n", "400"), (get + "Host: a b\r\n\r\n", "400"),
            (get + "Host: a/b\r\n\r\n", "400"), (get + "Host: a:x\r\n\r\n", "400"), (get + "Host: u@a\r\n\r\n", "400"),
            ("GET /livez HTTP/1.0\r\n" + Self.host + Self.host + "\r\n", "400"),
            // Targets
            ("GET * HTTP/1.1\r\n" + Self.host + "\r\n", "400"),
            ("GET http://u@a/livez HTTP/1.1\r\n" + Self.host + "\r\n", "400"),
            ("GET http:///livez HTTP/1.1\r\n" + Self.host + "\r\n", "400"),
            ("GET ftp://a/livez HTTP/1.1\r\n" + Self.host + "\r\n", "400"),
            ("CONNECT a.example:80 HTTP/1.1\r\n" + Self.host + "\r\n", "501"),
            // Methods and versions
            ("BREW /livez HTTP/1.1\r\n" + Self.host + "\r\n", "501"),
            ("get /livez HTTP/1.1\r\n" + Self.host + "\r\n", "501"),
            ("GET /livez HTTP/2.0\r\n" + Self.host + "\r\n", "505"),
            // Where a message ends
            (post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + chunk, "400"),
            (post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "400"),
            (post + "Content-Length: +2\r\n\r\n{}", "400"), (post + "Transfer-Encoding: gzip\r\n" + chunk, "400"),
            (post + "Transfer-Encoding: chunked, gzip\r\n" + chunk, "400"),
            (post + "Transfer-Encoding: gzip, chunked\r\n" + chunk, "501"),
            ("POST /api/messages HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + chunk, "400"),
            (post + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", "400"),
            // Fields
            (get + Self.host + "X: a\r\n b\r\n\r\n", "400"), (get + "Host : localhost\r\n\r\n", "400"),
            (get + Self.host + "X: a\rb\r\n\r\n", "400"), (get + Self.host + "X: a\0b\r\n\r\n", "400"),
            (get + Self.host + "X: " + String(repeating: "a", count: 20_000) + "\r\n\r\n", "431"),
        ]
        let fixture = try Fixture()
        try await fixture.serve { _ in
            for (request, status) in requests {
                let answer = try ask(fixture, request, within: .seconds(5))
                #expect(statuses(answer.text) == [status], "\(request.prefix(80).debugDescription): \(answer.text)")
                #expect(answer.isClosed, "\(request.prefix(80).debugDescription)")
                #expect(answer.text.contains("Connection: close\r\n"), "\(request.prefix(80).debugDescription)")
                #expect(answer.text.contains("\r\nDate: "), "\(request.prefix(80).debugDescription)")
            }
        }
    }

    @Test func requestsThatMustBeTaken_areTaken_andTheConnectionStays() async throws {
        let fixture = try Fixture()
        try await fixture.serve { _ in
            for (request, status) in [
                ("GET /livez HTTP/1.1\r\n" + Self.host + "\r\n", "200"),
                ("\r\nGET /livez HTTP/1.1\r\nhost:\r\n\r\n", "200"),
                ("GET http://wall.example/livez HTTP/1.1\r\n" + Self.host + "\r\n", "200"),
                ("GET HTTP://wall.example?x HTTP/1.1\r\n" + Self.host + "\r\n", "302"),
                ("GET /livez HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "200"),
                ("OPTIONS * HTTP/1.1\r\n" + Self.host + "\r\n", "204"),
                ("OPTIONS http://wall.example HTTP/1.1\r\n" + Self.host + "\r\n", "204"),
                ("GET /livez HTTP/1.1\r\n" + Self.host + "Expect: 100-continue\r\n\r\n", "200"),
            ] {
                let answer = try ask(fixture, request)
                #expect(statuses(answer.text) == [status], "\(request.debugDescription): \(answer.text)")
                #expect(!answer.isClosed, "\(request.debugDescription)")
            }
        }
    }

    /// Thousands fit into what is read at once.
    @Test func requestsInARow_areAnswered_upToABound() async throws {
        let fixture = try Fixture()
        let one = "GET /livez HTTP/1.1\r\n" + Self.host + "\r\n"
        try await fixture.serve { _ in
            let few = try ask(fixture, String(repeating: one, count: Limits.unanswered))
            #expect(statuses(few.text) == Array(repeating: "200", count: Limits.unanswered) && !few.isClosed)
            let many = try ask(fixture, String(repeating: one, count: 2_000), within: .seconds(5))
            #expect(statuses(many.text) == Array(repeating: "200", count: Limits.unanswered) + ["429"])
            #expect(many.isClosed)
            let peer = try RawPeer(unix: fixture.directory.file("http"))
            for _ in 0..<10 {
                peer.send(Array(String(repeating: one, count: 5).utf8))
                let answers = peer.read(within: .milliseconds(200))
                #expect(statuses(String(decoding: answers.bytes, as: UTF8.self)).count == 5 && !answers.isClosed)
            }
        }
    }

    @Test func connection_endsWhenTheVisitorSaysSo_howeverItIsSpelt() async throws {
        let fixture = try Fixture()
        try await fixture.serve { _ in
            for fields in [
                "Connection: Close\r\n", "Connection: TE, close\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n",
            ] {
                let request = "GET /livez HTTP/1.1\r\n" + Self.host + fields + "\r\n"
                // What comes after it is no request any more.
                let answer = try ask(fixture, request + request, within: .seconds(5))
                #expect(statuses(answer.text) == ["200"], "\(fields): \(answer.text)")
                #expect(answer.isClosed && answer.text.contains("Connection: close\r\n"), "\(fields)")
            }
        }
    }

    @Test func programsOfHTTP10_getAnswersThatTheyCanRead() async throws {
        let fixture = try Fixture()
        try await fixture.serve { _ in
            let page = try ask(fixture, "GET /livez HTTP/1.0\r\n\r\n", within: .seconds(5))
            #expect(statuses(page.text) == ["200"] && page.isClosed && page.text.hasSuffix("\r\n\r\nlive\n"))
            let kept = try ask(fixture, "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", within: .seconds(5))
            #expect(kept.isClosed && kept.text.contains("Connection: close\r\n"))
            let events = try ask(fixture, "GET /events HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")
            #expect(statuses(events.text) == ["200"] && !events.isClosed)
            #expect(!events.text.lowercased().contains("transfer-encoding"))
            #expect(
                events.text.contains("\r\n\r\nid: \(fixture.wall.store):0\nretry: "), "without chunks: \(events.text)")
        }
    }

    @Test func aBodyThatIsHeldBack_isAskedForAtOnce() async throws {
        let fixture = try Fixture()
        let body = "message=held+back"
        try await fixture.serve { _ in
            for length in ["Content-Length: \(body.utf8.count)\r\n", "Transfer-Encoding: chunked\r\n"] {
                let peer = try RawPeer(unix: fixture.directory.file("http"))
                let head =
                    "POST /send HTTP/1.1\r\n" + Self.host + "Origin: http://localhost\r\nExpect: 100-Continue\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n" + length + "\r\n"
                peer.send(Array(head.utf8))
                let go = "HTTP/1.1 100 Continue\r\n\r\n"
                let answer = peer.read(atMost: go.utf8.count, within: .seconds(5))
                #expect(String(decoding: answer.bytes, as: UTF8.self) == go)
                let chunked = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\n\r\n"
                peer.send(Array((length.hasPrefix("C") ? body : chunked).utf8))
                let rest = peer.read(within: .milliseconds(400))
                #expect(statuses(String(decoding: rest.bytes, as: UTF8.self)) == ["303"] && !rest.isClosed)
            }
            #expect(fixture.wall.published.map(\.text) == ["held back", "held back"])
        }
    }

    @Test func aBodyThatIsHeldBackAndNotWanted_isNotAskedFor() async throws {
        let fixture = try Fixture()
        let expect = Self.host + "Expect: 100-continue\r\n"
        try await fixture.serve { _ in
            for (request, status) in [
                (
                    "POST /send HTTP/1.1\r\n\(expect)Origin: http://elsewhere.example\r\nContent-Length: 9\r\n\r\n",
                    "403"
                ),
                ("POST /api/messages HTTP/1.1\r\n\(expect)Content-Length: 9999999\r\n\r\n", "413"),
                ("POST /nothing HTTP/1.1\r\n\(expect)Content-Length: 9\r\n\r\n", "404"),
            ] {
                let answer = try ask(fixture, request, within: .seconds(5))
                #expect(statuses(answer.text) == [status], "\(answer.text)")
                // The body may still come, or not: the next request could not be told from it.
                #expect(answer.isClosed && answer.text.contains("Connection: close\r\n"))
            }
        }
    }

    @Test func aTargetWithAName_isOfThatWall() async throws {
        let fixture = try Fixture()
        let request =
            "POST http://wall.example/send HTTP/1.1\r\nHost: elsewhere.example\r\nOrigin: http://wall.example\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nmessage=x"
        try await fixture.serve { _ in
            let answer = try ask(fixture, request)
            #expect(statuses(answer.text) == ["303"], "\(answer.text)")
        }
    }

    @Test func aPackedBody_isRefusedWithAWord() async throws {
        let fixture = try Fixture()
        let response = try await fixture.request(
            "/api/messages", method: .post, headers: [.contentEncoding: "gzip"], body: "{}")
        #expect(response.status == .unsupportedMediaType && response.headers[.acceptEncoding] == "identity")
    }

    @Test(arguments: [
        ("localhost", true), ("wall.example:8080", true), ("[::1]", true), ("[::1]:80", true), ("a_b", true),
        ("a:", true),
        ("", false), (":80", false), ("a b", false), ("a/b", false), ("u@a", false), ("a:b", false), ("[::1", false),
        ("[::1]x", false), ("münchen.de", false), ("a,b", true),
    ])
    func aHost_isAName(text: String, isHost: Bool) {
        #expect(HTTPRequestHead.isHost(text) == isHost)
    }
}
