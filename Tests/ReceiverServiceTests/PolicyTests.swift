import Bus
import Messages
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

@Suite struct PolicyTests {
    private let clock = ManualClock()
    private let peer = Source.peer("192.0.2.1")

    private func policy(key: Rate? = nil, source: Rate? = nil) -> Policy {
        Policy(keyRate: key, sourceRate: source, now: { [clock] in clock.now })
    }

    @Test func author_beyondTheRate_isRefused_andServedAgainLater() throws {
        let policy = policy(key: Rate(perSecond: 2, burst: 3))
        let message = try Fixture.message("much")
        func isTaken() -> Bool { policy.refusal(ofProven: message, from: peer) == nil }
        #expect((0..<4).map { _ in isTaken() } == [true, true, true, false])
        clock.advance(by: .milliseconds(500))
        #expect([isTaken(), isTaken()] == [true, false])
        #expect(policy.refusal(ofProven: try Fixture.message("other", by: Fixture.secondAuthor), from: peer) == nil)
        #expect(policy.refusal(ofProven: message, from: .client) == nil, "the node's own clients have no rate")
    }

    @Test func peer_beyondTheRate_isRefused_othersAreNot() throws {
        let policy = policy(source: Rate(perSecond: 1, burst: 2))
        let message = try Fixture.message("much")
        #expect((0..<3).map { _ in policy.refusal(of: message, from: peer) } == [nil, nil, .rateLimited])
        #expect(policy.refusal(of: message, from: .peer("192.0.2.2")) == nil)
        #expect(policy.refusal(of: message, from: .client) == nil)
    }

    @Test func unprovenMessages_costTheirPretendedAuthorNothing() throws {
        let policy = policy(key: Rate(perSecond: 1, burst: 1), source: Rate(perSecond: 1_000, burst: 1_000))
        let message = try Fixture.message("mine")
        for _ in 0..<100 { #expect(policy.refusal(of: message, from: peer) == nil) }
        #expect(policy.refusal(ofProven: message, from: peer) == nil)
    }

    @Test func limiter_forgetsFullBucketsFirst_andNeverGrowsBeyondItsCapacity() {
        let limiter = RateLimiter<Int>(Rate(perSecond: 1, burst: 2), capacity: 8)
        let start = ContinuousClock.now
        #expect(
            [limiter.allows(0, now: start), limiter.allows(0, now: start), limiter.allows(0, now: start)]
                == [true, true, false])
        for party in 1...100 { _ = limiter.allows(party, now: start) }
        #expect(limiter.count <= 8)
        #expect(!limiter.allows(0, now: start), "who has used up everything is remembered")
    }

    @Test(arguments: [("5", 5.0, 50.0), ("0.5/3", 0.5, 3.0), ("0.01", 0.01, 1.0)])
    func rate_isRead(_ text: String, _ perSecond: Double, _ burst: Double) {
        #expect(Rate(text) == Rate(perSecond: perSecond, burst: burst))
    }

    @Test(arguments: ["", "0", "-1", "1/0", "1/", "1/2/3", "x", "nan", "inf", "1e9"])
    func rate_thatIsNone_isNotRead(_ text: String) {
        #expect(Rate(text) == nil)
    }

    @Test func lists_areRead_andReadAgain_andAMistakeChangesNothing() throws {
        let directory = try TemporaryDirectory()
        let first = try Fixture.message("first")
        let second = try Fixture.message("second", by: Fixture.secondAuthor)
        let denied = try directory.write("# spam\n\n\(first.key.text) # of May\n", to: "denied")
        let policy = try Policy(files: Policy.Files(allowed: nil, denied: denied))
        #expect(policy.refusal(of: first, from: .client) == .keyBlocked)
        #expect(policy.refusal(of: second, from: .client) == nil)

        try directory.write("\(second.key.text)\n", to: "denied")
        try policy.reload()
        #expect(policy.refusal(of: first, from: .client) == nil)
        #expect(policy.refusal(of: second, from: .client) == .keyBlocked)

        try directory.write("\(second.key.text)\nnot a key\n", to: "denied")
        let report = #expect(throws: FailureReport.self) { try policy.reload() }
        #expect(report?.message.contains("\(denied):2") == true)
        #expect(policy.refusal(of: second, from: .client) == .keyBlocked)
    }

    @Test func allowList_keepsEverybodyElseOut() throws {
        let directory = try TemporaryDirectory()
        let first = try Fixture.message("first")
        let allowed = try directory.write(first.key.text, to: "allowed")
        let policy = try Policy(files: Policy.Files(allowed: allowed, denied: nil))
        #expect(policy.refusal(of: first, from: peer) == nil)
        let second = try Fixture.message("second", by: Fixture.secondAuthor)
        #expect(policy.refusal(of: second, from: .client) == .keyNotAllowed)
    }
}
