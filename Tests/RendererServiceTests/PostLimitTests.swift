import Bus
import Hummingbird
import Messages
import ServiceRuntime
import TelehashWire
import TestSupport
import Testing

@testable import RendererService

/// How much a visitor may write, and who may at all.
@Suite struct PostLimitTests {
    static func json(
        _ text: String, by author: Identity = Fixture.alice, at: Int64 = Fixture.now
    ) throws -> String {
        let message = try Fixture.message(text, by: author, at: at)
        let signals = message.signals.map {
            "\(JSONWriter.quoted($0.key, .wire)):\(JSONWriter.quoted($0.value, .wire))"
        }
        return "{\"signals\":{\(signals.joined(separator: ","))}}"
    }

    /// Behind a proxy on the unix socket, as ``Fixture/serve(_:)`` has it.
    private func post(_ client: HTTPClient, _ body: String, from visitor: String?) async throws
        -> TestSupport.HTTPResponse
    {
        try await client.post("/api/messages", json: body, headers: visitor.map { ["X-Forwarded-For": $0] } ?? [:])
    }

    @Test func visitor_whoWritesTooMuch_isToldWhenToGoOn_andOthersAreNot() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.1, burst: 3))
        try await fixture.serve { client in
            for number in 0..<3 {
                let response = try await post(client, Self.json("\(number)"), from: "192.0.2.7")
                #expect(response.status == 201)
            }
            let refused = try await post(client, Self.json("4"), from: "192.0.2.7")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "10")
            #expect(refused.body.contains("rate_limited"))
            // Whoever claims to be somebody else behind the proxy is still the one whom the proxy saw.
            let lying = try await post(client, Self.json("5", by: Fixture.bob), from: "203.0.113.9, 192.0.2.7")
            #expect(lying.status == 429)
            let other = try await post(client, Self.json("6", by: Fixture.bob), from: "192.0.2.8")
            #expect(other.status == 201)
            let sameKey = try await post(client, Self.json("7"), from: "192.0.2.9")
            #expect(sameKey.status == 429, "a key has a rate of its own, wherever it comes from")
        }
        #expect(fixture.wall.published.count == 4)
    }

    /// Anybody can take a message from the wall and post it again.
    @Test func replays_ofAMessage_costItsAuthorNothing() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.001, burst: 3))
        try await fixture.serve { client in
            let first = try Self.json("first")
            for number in 0..<40 {
                let replay = try await post(client, first, from: "198.51.100.\(number)")
                #expect(replay.status == 201)
            }
            var statuses: [Int] = []
            for number in 0..<3 {
                statuses.append(try await post(client, Self.json("\(number)"), from: "192.0.2.1").status)
            }
            #expect(statuses == [201, 201, 429], "the first one has cost one")
        }
    }

    /// What was written on other walls anybody can bring.
    @Test func messages_ofLongAgo_costTheirAuthorNothingOfNow() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.001, burst: 10))
        try await fixture.serve { client in
            var old: [Int] = []
            for number in 0..<100 {
                let body = try Self.json("old \(number)", at: Fixture.now - 86_400_000)
                old.append(try await post(client, body, from: "198.51.100.\(number)").status)
            }
            #expect(old.count { $0 == 201 } == 10 && old.count { $0 == 429 } == 90)
            for number in 0..<10 {
                let new = try await post(client, Self.json("new \(number)"), from: "192.0.2.1")
                #expect(new.status == 201)
            }
        }
    }

    @Test func messages_thatNoStoreTakes_costTheirAuthorNothing() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.001, burst: 3))
        try await fixture.serve { client in
            fixture.wall.fail(with: .refused(Refusal(code: "message_expired", text: "too old")))
            for number in 0..<10 {
                let old = try await post(client, Self.json("old \(number)"), from: "198.51.100.\(number)")
                #expect(old.status == 403)
            }
            fixture.wall.fail(with: nil)
            for number in 0..<3 {
                let new = try await post(client, Self.json("new \(number)"), from: "192.0.2.1")
                #expect(new.status == 201)
            }
        }
    }

    /// Who has a /48 has 65,536 of the networks that count as a visitor.
    @Test func networksOfOneSite_haveABoundTogether() throws {
        let limits = VisitorLimits(Rate(perSecond: 0.001, burst: 3))
        func isAdmitted(_ address: String) throws -> Bool {
            let visitor = Visitor.at(try #require(NetworkAddress(address)))
            return (try? limits.admit(visitor)) != nil
        }
        let taken = try (0..<180).count { try isAdmitted("2001:db8:0:\($0 % 60)::1") }
        #expect(taken == 12)
        let others = try (0..<4).map { _ in try isAdmitted("2001:db8:1::1") }
        #expect(others == [true, true, true, false])
    }

    /// A thousand addresses write as much as they can.
    @Test func manyWhoWrite_leaveRoomForThoseWhoWriteSeldom() throws {
        let limits = VisitorLimits(Limits.visitorRate)
        let start = ContinuousClock.now
        func isAdmitted(_ address: String, _ second: Int) throws -> Bool {
            let visitor = Visitor.at(try #require(NetworkAddress(address)))
            return (try? limits.admit(visitor, now: start + .seconds(second))) != nil
        }
        var (theirs, others) = (0, 0)
        for second in 0..<60 {
            for number in 0..<1_000 where try isAdmitted("10.0.\(number / 250).\(number % 250)", second) { theirs += 1 }
            if try isAdmitted("192.0.2.\(second)", second) { others += 1 }
        }
        #expect(others == 60)
        #expect(theirs <= 60 * 50 + 250 + 1_000, "\(theirs)")
    }

    @Test func visitor_behindAProxyThatSaysForwarded_isWhomTheNearestProxySaw() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.1, burst: 1))
        try await fixture.serve { client in
            func status(_ number: Int, _ headers: [String: String]) async throws -> Int {
                let body = try Self.json("\(number)", by: Identity.generate(.ed25519))
                return try await client.post("/api/messages", json: body, headers: headers).status
            }
            let first = try await status(1, ["Forwarded": "for=203.0.113.1;proto=https, for=\"[2001:db8::7]:443\""])
            #expect(first == 201)
            let second = try await status(2, ["Forwarded": "for=203.0.113.2, For=\"[2001:db8::7]\";host=wall.example"])
            #expect(second == 429)
            let third = try await status(3, ["Forwarded": "for=203.0.113.2"])
            #expect(third == 201)
            // A proxy that sets the older header hands on what a visitor made up.
            let fourth = try await status(4, ["Forwarded": "for=203.0.113.3", "X-Forwarded-For": "203.0.113.2"])
            #expect(fourth == 429)
        }
    }

    /// `unknown` and names that only the proxy understands (RFC 7239, section 6), and addresses of its own links.
    @Test func visitors_whomTheProxyDoesNotName_shareOneLimit() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.1, burst: 2))
        try await fixture.serve { client in
            func status(_ headers: [String: String]) async throws -> Int {
                let body = try Self.json("x", by: Identity.generate(.ed25519))
                return try await client.post("/api/messages", json: body, headers: headers).status
            }
            var statuses: [Int] = []
            for headers in [
                ["X-Forwarded-For": "unknown"], ["Forwarded": "for=_hidden"],
                ["X-Forwarded-For": "203.0.113.1, unknown"],
                ["Forwarded": "for=\"_SEVKISEK\";proto=https"], ["X-Forwarded-For": ""],
                ["Forwarded": "host=wall.example"],
                ["X-Forwarded-Host": "wall.example"],
            ] { statuses.append(try await status(headers)) }
            #expect(statuses == [201, 201] + Array(repeating: 429, count: 5))
            let links = ["fe80::1%eth0", "[fe80::2%eth1]:443", "fe80::3%25eth0"]
            statuses = []
            for link in links { statuses.append(try await status(["X-Forwarded-For": link])) }
            #expect(statuses == [201, 201, 429])
        }
    }

    @Test func searches_ofWhomTheProxyDoesNotName_areLimitedToo() throws {
        let limits = VisitorLimits(nil)
        let now = ContinuousClock.now
        for _ in 0..<30 { try limits.admitSearch(of: .unnamed, now: now) }
        #expect(throws: Problem.self) { try limits.admitSearch(of: .unnamed, now: now) }
        for _ in 0..<100 { try limits.admitSearch(of: .local, now: now) }
    }

    @Test func household_withAllOfItsIPv6_isOneVisitor() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.1, burst: 1))
        try await fixture.serve { client in
            let status1 = try await post(client, Self.json("1"), from: "2001:db8:1:2::1").status
            #expect(status1 == 201)
            let neighbour = try await post(client, Self.json("2", by: Fixture.bob), from: "[2001:db8:1:2:ffff::1]:443")
            #expect(neighbour.status == 429)
            let away = try await post(client, Self.json("3", by: Fixture.bob), from: "2001:db8:1:3::1")
            #expect(away.status == 201)
        }
    }

    @Test func programs_onThisMachine_mayPostAnArchive() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.1, burst: 1))
        try await fixture.serve(at: FreePort.tcp()) { client in
            for number in 0..<40 {
                let status2 = try await post(client, Self.json("\(number)"), from: nil).status
                #expect(status2 == 201)
            }
        }
    }

    @Test func proxy_thatNamesNobody_givesNobodyTheRightsOfAProgramOnThisMachine() async throws {
        let fixture = try Fixture(trusted: ["127.0.0.1/32"], visitorRate: Rate(perSecond: 0.1, burst: 2))
        try await fixture.serve(at: FreePort.tcp()) { client in
            var statuses: [Int] = []
            for visitor in [nil, "127.0.0.1", nil, "127.0.0.1"] {
                let body = try Self.json("x", by: Identity.generate(.ed25519))
                statuses.append(try await post(client, body, from: visitor).status)
            }
            #expect(statuses == [201, 201, 429, 429])
        }
    }

    @Test func streams_ofOneVisitor_areSoMany_andOthersHaveTheirs() throws {
        let limits = VisitorLimits(nil)
        let one = Visitor.at(try #require(NetworkAddress("192.0.2.1")))
        let other = Visitor.at(try #require(NetworkAddress("192.0.2.2")))
        let proxy = Peer.ip(try #require(NetworkAddress("10.0.0.1")), text: "10.0.0.1")
        let loopback = Peer.ip(try #require(NetworkAddress("127.0.0.1")), text: "127.0.0.1")
        for (visitor, neighbour, most) in [
            (one, other, Limits.visitorStreams), (.unnamed, one, Limits.unnamedStreams),
            (.local, other, Limits.visitorStreams),
        ] {
            let peer = visitor == .local ? loopback : proxy
            var open: [Shares<[UInt8]>.Share] = []
            for _ in 0..<most { open.append(try limits.admitStream(of: visitor, from: peer)) }
            #expect(throws: Problem.self) { try limits.admitStream(of: visitor, from: peer) }
            open.append(try limits.admitStream(of: neighbour, from: proxy))
            open.removeFirst()
            open.append(try limits.admitStream(of: visitor, from: peer))
            #expect(throws: Problem.self) { try limits.admitStream(of: visitor, from: peer) }
            withExtendedLifetime(open) {}
        }
    }

    @Test func streams_ofOneSite_areSoMany_andOthersHaveTheirs() throws {
        let limits = VisitorLimits(nil)
        let proxy = Peer.ip(try #require(NetworkAddress("10.0.0.1")), text: "10.0.0.1")
        func stream(_ address: String) throws -> Shares<[UInt8]>.Share {
            try limits.admitStream(of: .at(try #require(NetworkAddress(address))), from: proxy)
        }
        var open: [Shares<[UInt8]>.Share] = []
        for number in 0..<Limits.siteStreams { open.append(try stream("2001:db8:0:\(number / 100)::1")) }
        #expect(throws: Problem.self) { try stream("2001:db8:0:fff::1") }
        open.append(try stream("2001:db8:1::1"))
        open.removeFirst()
        open.append(try stream("2001:db8:0:fff::1"))
        open.removeAll()
        for _ in 0..<Limits.visitorStreams { open.append(try stream("2001:db8:0:fff::1")) }
        #expect(throws: Problem.self) { try stream("2001:db8:0:fff::2") }
        open.append(try stream("2001:db8::1"))
    }

    /// Anybody can make us write lines of a log, each with words of theirs.
    @Test func refusals_areLoggedNowAndThen() async throws {
        let limits = VisitorLimits(nil)
        let now = ContinuousClock.now
        #expect((0..<10_000).count { _ in limits.admitNotice(now: now) } == 10)
        #expect((0..<10_000).count { _ in limits.admitNotice(now: now + .seconds(61)) } == 1)
        // One character of Swift's, and 12 kB.
        let long = "e" + String(repeating: "\u{301}", count: 6_000)
        let refused = try await Fixture().send(["message": "x"], origin: long)
        #expect(refused.status == .forbidden && refused.text.utf8.count < 8_000)
    }

    @Test func form_ofAVisitorWhoWroteTooMuch_keepsTheText() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.05, burst: 1))
        let headers = [
            "Origin": "http://wall.example", "X-Forwarded-Host": "wall.example", "X-Forwarded-For": "192.0.2.7",
        ]
        try await fixture.serve { client in
            let status3 = try await client.post("/send", form: ["message": "one"], headers: headers).status
            #expect(status3 == 303)
            let refused = try await client.post("/send", form: ["message": "two words"], headers: headers)
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "20")
            #expect(
                refused.body.contains("Try again in 20 seconds.") && refused.body.contains("\ntwo words</textarea>"))
        }
        #expect(fixture.wall.published.count == 1)
    }

    @Test func messages_postedByAPageElsewhere_areRefused() async throws {
        let fixture = try Fixture()
        for headers: HTTPFields in [[.origin: "https://evil.example"], [.fetchSite: "cross-site"]] {
            let response = try await fixture.request(
                "/api/messages", method: .post, headers: headers, body: Self.json("x"))
            #expect(response.status == .forbidden)
            #expect(response.text.contains("cross_site"))
        }
        #expect(fixture.wall.published.isEmpty)
        let own = try await fixture.request(
            "/api/messages", method: .post, headers: [.origin: "http://localhost"], body: Self.json("x"))
        #expect(own.status == .created)
    }

    @Test func policy_decidesWhoMayWrite() async throws {
        for policy in PostPolicy.allCases {
            let fixture = try Fixture(posting: policy)
            let page = try await fixture.page("/tweets")
            #expect(page.contains("id=\"compose\"") == (policy != .off))
            #expect(page.contains("needs a browser that signs") == (policy == .browser))
            let form = try await fixture.send(["message": "x"])
            #expect(form.status == (policy == .node ? .seeOther : .forbidden))
            let signed = try await fixture.request("/api/messages", method: .post, body: Self.json("x"))
            #expect(signed.status == (policy == .off ? .forbidden : .created))
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]:80", "2001:db8::1"),
        (" 2001:db8::1 ", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"),
    ])
    func forwardedAddress_isRead(item: String, address: String) {
        #expect(NetworkAddress(forwarded: item)?.bytes == NetworkAddress(address)?.bytes)
    }

    @Test(arguments: ["", "unknown", "_hidden", "[", "1.2.3", "1.2.3.4.5", "::1::", "evil\u{0}"])
    func whatIsNoAddress_isNone(item: String) {
        #expect(NetworkAddress(forwarded: item) == nil)
    }
}
