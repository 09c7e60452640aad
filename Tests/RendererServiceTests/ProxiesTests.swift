import Hummingbird
import Logging
import ServiceRuntime
import Testing

@testable import RendererService

/// What is believed of what proxies say, where several stand in a row.
@Suite struct ProxiesTests {
    private let proxies = Proxies(
        trusted: ["127.0.0.1", "10.0.0.0/8"].compactMap { Network($0) }, logger: Logger(label: "test"))

    private struct Case {
        let headers: HTTPFields
        var host: String? = "wall.example"
        var scheme: String? = "https"
        var visitor: String? = "203.0.113.7"
        var peer = "10.0.0.1"
    }

    private func check(_ cases: [Case]) throws {
        for one in cases {
            let request = Request(
                head: HTTPRequest(
                    method: .get, scheme: nil, authority: "10.0.0.9:8080", path: "/", headerFields: one.headers),
                body: RequestBody(buffer: ByteBuffer()))
            let peer = try #require(NetworkAddress(one.peer).map { Peer.ip($0, text: one.peer) })
            let site = proxies.site(of: request, from: peer)
            #expect(site?.authority.description == one.host ?? "10.0.0.9:8080", "\(one.headers)")
            #expect(site?.scheme == one.scheme, "\(one.headers)")
            let visitor = try one.visitor.map { Visitor.at(try #require(NetworkAddress($0))) } ?? .unnamed
            #expect(proxies.visitor(of: request, from: peer) == visitor, "\(one.headers)")
        }
    }

    @Test func twoTrustedHops_theOuterOneSawTheVisitorAndTheName() throws {
        try check([
            Case(headers: [
                .forwardedFor: "203.0.113.7, 10.0.0.2", .forwardedHost: "wall.example, inner.local",
                .forwardedProto: "https, http",
            ]),
            Case(headers: [
                .forwarded:
                    "for=203.0.113.7;host=wall.example;proto=https, for=10.0.0.2;host=inner.local;proto=http"
            ]),
            // Three, of which the middle one keeps no list but that of the addresses.
            Case(headers: [
                .forwardedFor: "203.0.113.7,10.0.0.3, 10.0.0.2", .forwardedHost: "wall.example, inner.local",
                .forwardedProto: "https",
            ]),
            Case(headers: [
                .forwarded:
                    "for=\"203.0.113.7:1234\";host=wall.example;proto=https, for=10.0.0.3, for=\"10.0.0.2\";host=b"
            ]),
        ])
        var fields: HTTPFields = [:]
        fields[values: .forwardedFor] = ["203.0.113.7", "10.0.0.2"]
        fields[values: .forwardedHost] = ["wall.example", "inner.local"]
        fields[values: .forwardedProto] = ["https", "http"]
        try check([Case(headers: fields)])
    }

    @Test func whatTheVisitorSays_standsBeforeAndIsNotBelieved() throws {
        try check([
            Case(headers: [
                .forwardedFor: "10.0.0.5, 198.51.100.1, 203.0.113.7, 10.0.0.2",
                .forwardedHost: "evil.example, wall.example, inner.local", .forwardedProto: "http, https, http",
            ]),
            Case(headers: [
                .forwarded:
                    "for=10.0.0.5;host=evil.example, for=203.0.113.7;host=wall.example;proto=https, for=10.0.0.2"
            ]),
            // One trusted hop: the last word is its own.
            Case(headers: [
                .forwardedFor: "198.51.100.1, 203.0.113.7", .forwardedHost: "evil.example, wall.example",
                .forwardedProto: "https",
            ]),
        ])
    }

    /// Else everybody behind a proxy that says nothing, or that is in a network of visitors, would have no limits.
    @Test func whereAllAreTrusted_orNobodyIsNamed_theVisitorIsUnnamed_andNeverOfThisMachine() throws {
        try check([
            Case(headers: [.forwardedFor: "10.1.2.3, 10.0.0.2"], host: nil, scheme: nil, visitor: nil),
            Case(headers: [.forwardedFor: "127.0.0.1"], host: nil, scheme: nil, visitor: nil, peer: "127.0.0.1"),
            Case(headers: [.forwarded: "for=127.0.0.1"], host: nil, scheme: nil, visitor: nil, peer: "127.0.0.1"),
            Case(headers: [:], host: nil, scheme: nil, visitor: nil),
            Case(headers: [:], host: nil, scheme: nil, visitor: nil, peer: "127.0.0.1"),
        ])
        let request = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: "localhost", path: "/"),
            body: RequestBody(buffer: ByteBuffer()))
        #expect(proxies.visitor(of: request, from: .local) == .unnamed, "a proxy on our unix socket")
        #expect(proxies.visitor(of: request, from: .unknown) == .unnamed, "somebody who is gone")
        let alone = Proxies(trusted: [], logger: Logger(label: "test"))
        let loopback = Peer.ip(try #require(NetworkAddress("127.0.0.1")), text: "127.0.0.1")
        #expect(alone.visitor(of: request, from: loopback) == .local, "without a proxy")
    }

    @Test func connections_countForTheirAddress_unlessItIsAProxys() throws {
        func place(_ text: String) throws -> Connections.Place {
            proxies.place(of: .ip(try #require(NetworkAddress(text)), text: text))
        }
        #expect(try place("2001:db8:1:2::1") == place("2001:db8:1:2:ffff::9"))
        #expect(try place("2001:db8:1:2::1") != place("2001:db8:1:3::1"))
        #expect(try place("192.0.2.1") != place("192.0.2.2"))
        #expect(try place("10.0.0.1") == .proxy)
        #expect(proxies.place(of: .local) == .proxy)
        #expect(proxies.place(of: .unknown) == .network([]))
    }

    @Test func whoeverIsNotNamed_isUnnamed() throws {
        try check([
            Case(headers: [.forwardedFor: "203.0.113.7, unknown"], host: nil, scheme: nil, visitor: nil),
            Case(headers: [.forwarded: "for=203.0.113.7, for=_hidden;host=wall.example"], scheme: nil, visitor: nil),
            Case(headers: [.forwarded: "for=203.0.113.7, for=_a, for=10.0.0.2"], host: nil, scheme: nil, visitor: nil),
            Case(headers: [.forwardedHost: "wall.example"], scheme: nil, visitor: nil),
            Case(headers: [.forwardedProto: "gopher", .forwardedFor: ""], host: nil, scheme: nil, visitor: nil),
        ])
    }

    @Test func aStranger_isBelievedNothing() throws {
        let headers: HTTPFields = [
            .forwardedFor: "203.0.113.7", .forwardedHost: "evil.example", .forwarded: "for=1.2.3.4;host=evil.example",
        ]
        try check([Case(headers: headers, host: nil, scheme: nil, visitor: "192.0.2.1", peer: "192.0.2.1")])
    }
}
