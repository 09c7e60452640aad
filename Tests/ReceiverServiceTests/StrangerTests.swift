import Bus
import Messages
import ReceiverStore
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// What comes from the mesh through a whole pipeline.
@Suite struct StrangerTests {
    private let peer = Source.peer("192.0.2.1")
    private let store = ScriptedStore()

    private func rates(source: Rate? = nil) -> Rates {
        Rates(Rates.Settings(key: Rate(perSecond: 0.001, burst: 3), source: source, strangers: nil))
    }

    @Test func forgedMessages_silenceNobodyWhoIsKnown_andStrangersOnlyThere() async throws {
        let (known, stranger) = (Fixture.author, Fixture.secondAuthor)
        let rig = PipelineRig(
            store: store,
            admission: Fixture.admission(
                rates: rates(source: Rate(perSecond: 0.001, burst: 10)),
                standings: Fixture.standings([known.publicKey: .settled])))
        let forged = try (0..<10).map { try Fixture.forged(Fixture.message("forged \($0)", by: stranger)) }
        rig.deliver(forged, source: peer)
        #expect(try await rig.outcomes(10).values.allSatisfy { $0 == "signature_wrong" })
        // From here on the peer's budget is used up.
        rig.deliver(
            [
                try Fixture.message("mine", by: known), try Fixture.message("theirs", by: stranger),
                try Fixture.forged(Fixture.message("in my name", by: known)),
            ], from: 11, source: peer)
        rig.deliver([try Fixture.message("theirs", by: stranger)], from: 21, source: .peer("192.0.2.2"))
        let outcomes = try await rig.outcomes(14)
        #expect(outcomes[11] == "stored")
        #expect(outcomes[12] == "source_rate_limited")
        #expect(outcomes[13] == "signature_wrong")
        #expect(outcomes[21] == "stored")
    }

    @Test func replays_costTheirAuthorNothing() async throws {
        let rig = PipelineRig(store: store, admission: Fixture.admission(rates: rates()))
        let old = try Fixture.messages(20, prefix: "old", at: Fixture.now - 1_000_000)
        let there = try Fixture.messages(20, prefix: "there")
        _ = try store.commit(there.map { Incoming(message: $0, receivedAt: Fixture.now) })
        store.setHorizon(of: .tweets, to: Fixture.now - 900_000)
        rig.deliver(old + there, source: peer)
        let outcomes = try await rig.outcomes(40)
        #expect((1...20).allSatisfy { outcomes[$0] == "message_expired" })
        #expect((21...40).allSatisfy { outcomes[$0] == "duplicate" })
        rig.deliver(try Fixture.messages(4, prefix: "new"), from: 101, source: peer)
        #expect(try await rig.outcomes(44).values.count { $0 == "stored" } == 3)
        #expect(try await rig.outcomes(44).values.count { $0 == "rate_limited" } == 1)
    }

    /// Another store has what this one never had; an absence of the receiver makes nothing old.
    @Test func whatWasWrittenLongAgo_costsItsAuthorNothingOfNow() async throws {
        let rig = PipelineRig(store: store, admission: Fixture.admission(rates: rates()))
        let old = try Fixture.messages(100, prefix: "old", at: Fixture.now - 30 * 86_400_000)
        rig.deliver(old, source: peer)
        #expect(try await rig.outcomes(100).values.count { $0 == "stored" } == 3)
        rig.deliver(try Fixture.messages(3, prefix: "new"), from: 101, source: .peer("192.0.2.2"))
        let waited = try Fixture.messages(4, prefix: "waited", at: Fixture.now - 3_600_000)
        rig.deliver(waited, from: 201, source: .peer("192.0.2.2"), waited: 3_600_000)
        let outcomes = try await rig.outcomes(107)
        #expect((101...103).allSatisfy { outcomes[$0] == "stored" })
        #expect((201...204).count { outcomes[$0] == "stored" } == 3)
    }

    @Test func whatTheTransactionRefuses_costsItsAuthorNothing() async throws {
        let rig = PipelineRig(store: store, admission: Fixture.admission(rates: rates()))
        store.fail(with: StoreError(.diskFull, "no space left"))
        rig.deliver(try Fixture.messages(3, prefix: "no room"), source: peer)
        #expect(try await rig.outcomes(3).values.allSatisfy { $0 == "failed store_full" })
        store.fail(with: nil)
        rig.deliver(try Fixture.messages(3, prefix: "room"), from: 11, source: peer)
        #expect(try await rig.outcomes(6).values.count { $0 == "stored" } == 3)
    }

    /// Thousands of addresses post for a new key each.
    @Test func visitorsWhoAreStrangers_areBoundedTogether_andNobodyElseIs() async throws {
        let settled = Identity.generate(.ed25519)
        let rig = PipelineRig(
            store: store,
            admission: Fixture.admission(
                rates: Rates(
                    Rates.Settings(key: nil, source: nil, strangers: Rate(perSecond: 2, burst: 1)),
                    now: { [start = ContinuousClock.now] in start }),
                standings: Fixture.standings([settled.publicKey: .settled])))
        rig.deliver(
            try (0..<20).map { try Fixture.message("\($0)", by: Identity.generate(.ed25519)) }, source: .visitor)
        var outcomes = try await rig.outcomes(20)
        #expect(outcomes.values.count { $0 == "stored" } == 2)
        #expect(outcomes.values.count { $0 == "strangers_rate_limited" } == 18)
        rig.deliver(try (0..<20).map { try Fixture.message("s \($0)", by: settled) }, from: 101, source: .visitor)
        rig.deliver(try Fixture.messages(20, prefix: "own"), from: 201)
        rig.deliver([try Fixture.message("from the mesh", by: Identity.generate(.ed25519))], from: 301, source: peer)
        outcomes = try await rig.outcomes(61)
        #expect(
            (101...120).allSatisfy { outcomes[$0] == "stored" } && (201...220).allSatisfy { outcomes[$0] == "stored" })
        #expect(outcomes[301] == "stored")
    }

    /// A flood of new keys is not to keep the cores from what others have written.
    @Test func strangersBeyondTheRate_areRefusedUnchecked_andForgeriesCostThemNothing() async throws {
        let rig = rig(strangersPerSecond: 2)
        func messages(_ count: Int) throws -> [SignedMessage] {
            try (0..<count).map { try Fixture.message("\($0)", by: Identity.generate(.ed25519)) }
        }
        rig.deliver(try messages(3).map(Fixture.forged), source: peer)
        #expect(try await rig.outcomes(3).values.allSatisfy { $0 == "signature_wrong" })
        rig.deliver(try messages(10), from: 11, source: peer)
        #expect(try await rig.outcomes(13).values.count { $0 == "stored" } == 4)
        rig.deliver(try messages(3).map(Fixture.forged), from: 31, source: peer)
        #expect(try await rig.outcomes(16).values.count { $0 == "strangers_rate_limited" } == 9)
    }

    @Test func whatWaited_isChargedAsOfWhenItCame() async throws {
        let rig = rig(strangersPerSecond: 3)
        for second in 0..<60 {
            rig.deliver(
                [try Fixture.message("\(second)", by: Identity.generate(.ed25519))], from: UInt64(second + 1),
                source: peer, waited: UInt32(100 - second) * 1_000)
        }
        #expect(try await rig.outcomes(60).values.allSatisfy { $0 == "stored" })
    }

    /// Who goes on writing costs a look at the rules, not a signature and a transaction, and those who bring it pay for it.
    @Test func blockedAuthor_isRefusedUnchecked_andThePeerPays() async throws {
        let rig = PipelineRig(
            store: store, admission: Fixture.admission(rates: rates(source: Rate(perSecond: 0.001, burst: 10))))
        store.block(Fixture.author.publicKey)
        let theirs = try (0..<20).map { try Fixture.forged(Fixture.message("theirs \($0)")) }
        rig.deliver(theirs, source: peer)
        rig.deliver([try Fixture.message("other", by: Fixture.secondAuthor)], from: 31, source: .peer("192.0.2.2"))
        let outcomes = try await rig.outcomes(21)
        #expect((1...20).map { outcomes[$0] } == (0..<20).map { $0 < 15 ? "key_blocked" : "source_rate_limited" })
        #expect(outcomes[31] == "stored")
        #expect(store.messages.count == 1)
    }

    @Test func onlyWhatTheCommandLineWrote_makesItsAuthorKnown() async throws {
        let told = Mailbox<Rule>()
        let rig = PipelineRig(store: store, admission: Fixture.admission(standings: Fixture.standings(told: told)))
        rig.deliver([try Fixture.message("on the page", by: Fixture.secondAuthor)], source: .visitor)
        rig.deliver([try Fixture.message("from the mesh", by: Fixture.legacyAuthor)], from: 2, source: peer)
        rig.deliver([try Fixture.forged(Fixture.message("forged", by: Fixture.secondAuthor))], from: 3)
        rig.deliver([try Fixture.message("here")], from: 4)
        #expect(try await rig.outcomes(4).values.count { $0 == "stored" } == 3)
        _ = try #require(await told.first(within: .seconds(10)))
        #expect(told.all.map(\.subject) == [.known(Fixture.author.publicKey)])
    }

    /// One that takes so many messages a second of strangers, at a clock that stands.
    private func rig(strangersPerSecond rate: Double) -> PipelineRig {
        let start = ContinuousClock.now
        let settings = Rates.Settings(key: nil, source: nil, strangers: Rate(perSecond: rate, burst: 1))
        return PipelineRig(store: store, admission: Fixture.admission(rates: Rates(settings, now: { start })))
    }
}
