import Bus
import Hummingbird
import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import RendererService

/// Searches that are slow, and those who read meanwhile.
@Suite struct SearchPlacesTests {
    private func visitor(_ number: Int) throws -> Visitor { .at(try #require(NetworkAddress("192.0.2.\(number)"))) }

    @Test func places_areFewInAll_andFewerForOneVisitor() throws {
        let places = SearchPlaces()
        for _ in 0..<Limits.visitorSearches { try places.take(try visitor(1)) }
        let own = #expect(throws: Problem.self) { try places.take(try visitor(1)) }
        #expect(own?.status == .tooManyRequests && own?.headers[.retryAfter] == "1")
        for number in 2...(1 + Limits.searches - Limits.visitorSearches) { try places.take(try visitor(number)) }
        let all = #expect(throws: Problem.self) { try places.take(try visitor(99)) }
        #expect(all?.status == .serviceUnavailable && all?.headers[.retryAfter] == "5")
        try places.leave(visitor(1))
        try places.take(try visitor(99))
    }

    /// Each has been here before; who comes for the first time in a minute finds a place.
    @Test func fourAddresses_thatSearchWithoutEnd_leavePlacesForOthers() throws {
        let places = SearchPlaces()
        for round in 0..<10 {
            var held: [Visitor] = []
            for visitor in try (1...4).map(visitor) {
                for _ in 0..<Limits.visitorSearches where (try? places.take(visitor)) != nil { held.append(visitor) }
            }
            let other = try visitor(100 + round)
            #expect(throws: Never.self) { try places.take(other) }
            for visitor in held + [other] { places.leave(visitor) }
        }
    }

    @Test func networksOfOneSite_areOneVisitor() throws {
        let places = SearchPlaces()
        func visitor(_ text: String) throws -> Visitor { .at(try #require(NetworkAddress(text))) }
        for number in 1...Limits.visitorSearches { try places.take(try visitor("2001:db8:1:\(number)::1")) }
        #expect(throws: Problem.self) { try places.take(try visitor("2001:db8:1:ffff::1")) }
        try places.take(try visitor("2001:db8:2:1::1"))
    }

    @Test func programsOnThisMachine_shareOnlyTheLimitOfAll() throws {
        let places = SearchPlaces()
        for _ in 0..<Limits.searches { try places.take(.local) }
        let problem = #expect(throws: Problem.self) { try places.take(.local) }
        #expect(problem?.status == .serviceUnavailable)
        for _ in 0..<Limits.searches { places.leave(.local) }
        try places.take(.local)
    }

    /// A name is what as many may claim as somebody makes keys.
    @Test func names_areSearchedFor_inAPlace_atTheRateOfSearches() async throws {
        let paths = [
            "/authors/Ada", "/authors/Ada/feed.atom", "/search?q=x&author=Ada", "/search/feed.json?q=x&author=Ada",
            "/api/messages?author=Ada",
        ]
        let fixture = try Fixture(trusted: ["127.0.0.1/32"])
        let ada = AuthorName(claimed: try DisplayName("Ada"), pinned: nil)
        fixture.wall.commit(try Fixture.message("x"), author: ada)
        fixture.wall.refuseSearches(with: Refusal(code: "busy", text: "all places are taken"))
        for path in paths {
            let response = try await fixture.request(path)
            #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] == "5", "\(path)")
        }
        let byKey = "/authors/\(Fixture.encoded(Fixture.alice.publicKey.text))"
        #expect(try await fixture.request(byKey).status == .ok, "a key is no name")
        fixture.wall.refuseSearches(with: nil)
        try await fixture.serve(at: FreePort.tcp()) { client in
            for (number, path) in paths.enumerated() {
                func status() async throws -> Int {
                    try await client.get(path, headers: ["X-Forwarded-For": "192.0.2.\(number)"]).status
                }
                for _ in 0..<Int(Limits.searchRate.burst) { #expect(try await status() < 400, "\(path)") }
                var last = 0
                for _ in 0..<10 where last != 429 { last = try await status() }
                #expect(last == 429, "\(path)")
            }
        }
    }

    @Test(arguments: ["/search?q=x", "/search/feed.rss?q=x", "/api/messages?q=x"])
    func aStoreThatSearchesForOthers_is503ForSearchesOnly(path: String) async throws {
        let fixture = try Fixture()
        try fixture.write(["x"])
        fixture.wall.refuseSearches(with: Refusal(code: "busy", text: "all places are taken"))
        let response = try await fixture.request(path)
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "5")
        #expect(try await fixture.request("/tweets").status == .ok)
        fixture.wall.refuseSearches(with: nil)
        #expect(try await fixture.request(path).status == .ok, "the place was given back")
    }
}
