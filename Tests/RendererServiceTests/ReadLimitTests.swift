import Bus
import Hummingbird
import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import RendererService

/// What one visitor may have rendered.
@Suite struct ReadLimitTests {
    @Test func visitor_whoWantsMuchThatIsOld_isRefused_andReadsWhatIsKept() async throws {
        let fixture = try Fixture()
        let written = try fixture.write((0..<60).map { "message \($0)" })
        let old = "/tweets?before=\(StoredMessage(message: written[9], receivedAt: Fixture.now, channel: nil).cursor)"
        let limits = fixture.renderer.site.limits
        let greedy = Visitor.at(try #require(NetworkAddress("2001:db8:0:1::1")))
        // As of a minute from now, so that nothing comes back while this runs.
        let now = ContinuousClock.now + .seconds(60)
        for _ in 0..<60 { try limits.admitRendering(50, of: greedy, now: now) }
        #expect(throws: Problem.self) { try limits.admitRendering(1, of: greedy, now: now) }
        try await fixture.serve { client in
            func status(_ path: String, _ visitor: String) async throws -> Int {
                try await client.get(path, headers: ["X-Forwarded-For": visitor]).status
            }
            var statuses: [Int] = []
            // Another network of the same site, somebody else, and the first again: it is kept now.
            for path in ["/feed.atom", old, "/authors/\(Fixture.alice.publicKey.text)"] {
                for visitor in ["2001:db8:0:2::1", "192.0.2.1", "2001:db8:0:2::1"] {
                    statuses.append(try await status(path, visitor))
                }
            }
            #expect(statuses == [429, 200, 200, 429, 200, 200, 429, 200, 200])
            let feed = try await status("/feed.json", "2001:db8:0:1::1")
            #expect(feed == 200)
            let list = try await status("/api/messages?limit=500", "2001:db8:0:1::1")
            #expect(list == 429)
            let others = try await status("/api/messages?limit=500", "192.0.2.1")
            #expect(others == 200)
        }
        for _ in 0..<100 { try limits.admitRendering(50, of: .local, now: now) }
    }

    /// On a busy wall each newest page is of other messages.
    @Test func whatHasJustCome_isNotCharged_whereItIsTheNewestPage() throws {
        let (old, new) = (Fixture.now - Limits.freshMilliseconds - 1, Fixture.now)
        let rows = try [old, new].map { time in
            Row(
                position: 1,
                stored: StoredMessage(
                    message: try Fixture.alice.sign("at \(time)", channel: .tweets, at: time), receivedAt: time,
                    channel: nil))
        }
        #expect(Pages.Part(rows: rows).charged(now: Fixture.now).map(\.stored.receivedAt) == [old])
        #expect(Pages.Part(rows: rows, isNewest: false).charged(now: Fixture.now).count == 2)
    }

    @Test func whatIsKept_isNotMadeAgain_andIsBounded() {
        let kept = Kept<Int, Int>(8)
        var made = 0
        func value(_ key: Int) -> Int {
            kept.value(of: key) {
                made += 1
                return key * 2
            }
        }
        #expect((0..<3).map { _ in value(1) } == [2, 2, 2] && made == 1)
        for key in 2..<100 {
            #expect(value(key) == key * 2)
            // Whatever is asked for again and again stays.
            _ = value(1)
        }
        #expect(made == 99)
        #expect((0..<100).count { kept.contains($0) } <= 8)
    }
}
