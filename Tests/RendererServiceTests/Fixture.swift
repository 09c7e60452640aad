import Bus
import Foundation
import Hummingbird
import HummingbirdTesting
import Messages
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@testable import RendererService

/// A renderer around a model of a node.
final class Fixture: Sendable {
    /// 22 November 2026, 19:50 UTC.
    static let now: Int64 = 1_795_377_000_000

    static let alice = Identity.generate(.ed25519)
    static let bob = Identity.generate(.ed25519)

    let wall = ModelWall()
    let directory: TemporaryDirectory
    let renderer: Renderer
    /// Milliseconds since 1970: ``now``, after a start ten seconds before.
    let clock: Clock

    final class Clock: Sendable {
        private let time = Mutex(Fixture.now - 10_000)

        var now: Int64 {
            get { time.withLock { $0 } }
            set { time.withLock { $0 = newValue } }
        }
    }

    init(
        base: String = "/", trusted: [String] = [], names: [String] = ["wall.example"], posting: PostPolicy = .node,
        visitorRate: Rate? = Limits.visitorRate, imprint: Imprint = Imprint()
    ) throws {
        directory = try TemporaryDirectory()
        clock = Clock()
        renderer = Renderer(
            wall: wall, keys: directory.file("keys"), base: try #require(BasePath(base)),
            trusted: trusted.compactMap { Network($0) }, names: names.compactMap { PublicName($0) }, posting: posting,
            visitorRate: visitorRate, imprint: imprint, now: { [clock] in clock.now })
        clock.now = Fixture.now
    }

    static func message(
        _ text: String, by author: Identity = alice, on channel: Channel = .tweets, at: Int64 = now
    ) throws -> SignedMessage {
        try author.sign(text, channel: channel, at: at)
    }

    /// A message that the programs of 2011 signed.
    ///
    /// - Parameter text: nil: any.
    static func legacyMessage(_ text: String? = nil) throws -> SignedMessage {
        let vectors = try Vectors.json("legacy_signatures.json")["vectors"].array ?? []
        let messages = vectors.lazy.compactMap { vector in
            try? SignedMessage(signals: [
                "+end": Channel.tweets.end.hex, "+key": vector["modulus"].string ?? "",
                "+message": vector["message"].string ?? "", "+sig": vector["signature"].string ?? "",
            ])
        }
        return try #require(messages.first { (text == nil || $0.text == text) && $0.isSignatureValid() })
    }

    /// The tags of a page.
    static func tags(in html: String) -> [String] {
        html.utf8.split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false).dropFirst().map { part in
            "<" + String(decoding: part.prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self) + ">"
        }
    }

    /// The values of an attribute, in order.
    static func values(of attribute: String, in html: String) -> [String] {
        html.components(separatedBy: " \(attribute)=\"").dropFirst().map { part in String(part.prefix { $0 != "\"" }) }
    }

    /// Commits messages a second apart, the last one newest.
    @discardableResult
    func write(_ texts: [String]) throws -> [SignedMessage] {
        try texts.enumerated().map { index, text in
            let message = try Fixture.message(text, at: Fixture.now - Int64(texts.count - index) * 1000)
            wall.commit(message)
            return message
        }
    }

    /// One request, without a socket.
    func request(
        _ uri: String, method: HTTPRequest.Method = .get, headers: HTTPFields = [:], body: String? = nil
    ) async throws -> TestResponse {
        try await Application(responder: renderer.site).test(.router) { client in
            try await client.execute(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }
    }

    func page(_ uri: String, headers: HTTPFields = [:]) async throws -> String {
        String(buffer: try await request(uri, headers: headers).body)
    }

    /// A form as the page's own browser sends it.
    func send(
        _ fields: [String: String], to uri: String = "/send", origin: String? = "http://localhost"
    ) async throws -> TestResponse {
        let body = fields.map { "\($0)=\(Fixture.encoded($1))" }.joined(separator: "&")
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        headers[.origin] = origin
        return try await request(uri, method: .post, headers: headers, body: body)
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter
            return isPlain ? String(Unicode.Scalar(byte)) : String(format: "%%%02X", byte)
        }.joined()
    }

    /// Serves on a socket, with the feed running, while `body` runs.
    ///
    /// - Parameter port: of 127.0.0.1; nil: on a unix socket.
    func serve<Result: Sendable>(
        at port: UInt16? = nil, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let path = directory.file("http")
        let face = renderer.face(at: port.map { .ip(host: "127.0.0.1", port: Int($0)) } ?? .unix(path: path))
        let running = Task { try await face.run() }
        let feeding = Task { try await renderer.hub.run() }
        let result: Swift.Result<Result, any Error>
        do {
            let client = HTTPClient(port.map { .tcp(port: $0) } ?? .unix(path: path))
            try await eventually("the server answers", within: .seconds(10)) {
                try await client.get("/livez").status == 200 && wall.isFollowed
            }
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        // Streams first, as in the service: the server waits for them.
        feeding.cancel()
        _ = try? await feeding.value
        running.cancel()
        _ = try? await running.value
        return try result.get()
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
}
