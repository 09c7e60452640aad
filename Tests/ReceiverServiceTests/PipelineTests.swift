import Bus
import Foundation
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TestSupport
import Testing

@testable import ReceiverService

@Suite struct IntakeTests {
    private var intake = Intake(Fixture.admission())

    private func parcel(_ message: SignedMessage) -> Parcel {
        Parcel(
            delivery: Delivery(id: DeliveryID(1), attempt: 1, source: .client, message: message),
            connection: ConnectionNumber(), receivedAt: 0)
    }

    @Test mutating func check_whenNothingIsWrong_letsItOn() throws {
        #expect(try intake.check(Fixture.message("fine"), from: .client, now: Fixture.now) == .goesOn(isEarly: false))
        #expect(intake.underWay == 1)
    }

    @Test mutating func check_whenTheAuthorsTimeIsAhead_refuses() throws {
        let quarter: Int64 = 15 * 60 * 1_000
        #expect(
            try intake.check(Fixture.message("in time", at: Fixture.now + quarter), from: .client, now: Fixture.now)
                == .goesOn(isEarly: false))
        let outcome = try intake.check(
            Fixture.message("early", at: Fixture.now + quarter + 1), from: .client, now: Fixture.now)
        guard case .clear(.refused(let refusal)) = outcome else {
            return #expect(Bool(false), "\(String(describing: outcome))")
        }
        #expect(refusal.code == "at_in_future")
    }

    @Test mutating func check_ofTheMesh_whenTheAuthorsTimeIsAhead_letsItOnToBeKeptAside() throws {
        let early = try Fixture.message("early", at: Fixture.now + 3_600_000)
        #expect(intake.check(early, from: .peer("192.0.2.1"), now: Fixture.now) == .goesOn(isEarly: true))
    }

    @Test func check_whenItWouldBeDroppedAtOnce_refuses() throws {
        let hour: Int64 = 3_600_000
        var intake = Intake(Fixture.admission(clocks: Fixture.clocks(try Retention(["1h"]))))
        let late = try Fixture.message("of a clock that is slow", at: Fixture.now - 2 * hour)
        let kept = try Fixture.message("just kept", at: Fixture.now - hour)
        for source in [Source.client, .peer("192.0.2.1")] {
            #expect(intake.check(late, from: source, now: Fixture.now) == .clear(.refused(.expired)))
            #expect(intake.check(kept, from: source, now: Fixture.now) == .goesOn(isEarly: false))
        }
        #expect(Refusal.expired.code == "message_expired")
    }

    @Test mutating func check_whenTheChannelIsNotKept_refuses() throws {
        let outcome = try intake.check(
            Fixture.message("elsewhere", channel: Channel("other")), from: .client, now: Fixture.now)
        #expect(outcome == .clear(.refused(.channelUnknown)))
    }

    @Test func check_of2011_isRefusedOnlyWhenConfigured() throws {
        let message = try Fixture.message("weak", by: Fixture.legacyAuthor)
        var tolerant = Intake(Fixture.admission(refuses2011: false))
        var strict = Intake(Fixture.admission(refuses2011: true))
        #expect(tolerant.check(message, from: .client, now: Fixture.now) == .goesOn(isEarly: false))
        #expect(strict.check(message, from: .client, now: Fixture.now) == .clear(.refused(.weakSignature)))
    }

    @Test(arguments: [Ack.Outcome.stored, .duplicate])
    mutating func check_afterItIsDurable_saysDuplicate(outcome: Ack.Outcome) throws {
        let message = try Fixture.message("again")
        #expect(intake.check(message, from: .client, now: Fixture.now) == .goesOn(isEarly: false))
        intake.settle(Settled(parcel: parcel(message), outcome: outcome))
        #expect(intake.check(message, from: .client, now: Fixture.now) == .clear(.duplicate))
        let forged = try Fixture.forged(message)
        #expect(intake.check(forged, from: .client, now: Fixture.now) == .goesOn(isEarly: false))
        intake.settle(Settled(parcel: parcel(forged), outcome: .refused(.busy)))
        #expect(intake.underWay == 0)
    }

    @Test(arguments: [Ack.Outcome.refused(.busy), .failed(.busy)])
    mutating func check_afterItWasNotStored_letsItOnAgain(outcome: Ack.Outcome) throws {
        let message = try Fixture.message("again")
        #expect(intake.check(message, from: .client, now: Fixture.now) == .goesOn(isEarly: false))
        intake.settle(Settled(parcel: parcel(message), outcome: outcome))
        #expect(intake.check(message, from: .client, now: Fixture.now) == .goesOn(isEarly: false))
    }

    @Test mutating func check_whenTooMuchIsUnderWay_givesItBack() throws {
        let message = try Fixture.message("one of many")
        for _ in 0..<Limits.deliveriesUnderWay {
            #expect(intake.check(message, from: .client, now: Fixture.now) == .goesOn(isEarly: false))
        }
        #expect(intake.check(message, from: .client, now: Fixture.now) == .clear(.failed(.busy)))
    }
}

@Suite struct PipelineTests {
    @Test func deliveries_areSettledByWhatTheyAre() async throws {
        let store = ScriptedStore()
        let rig = PipelineRig(store: store)
        let good = try Fixture.message("good")
        let forged = try Fixture.forged(Fixture.message("forged"))
        let legacy = try Fixture.message("of 2011", by: Fixture.legacyAuthor)
        var forgedSignals = try Fixture.message("of 2011, too", by: Fixture.legacyAuthor).signals
        forgedSignals["+sig"] = legacy.signature
        let forgedLegacy = try SignedMessage(signals: forgedSignals)
        let future = try Fixture.message("future", at: Fixture.now + 3_600_000)
        rig.deliver([good, forged, legacy, forgedLegacy, future, good])

        let outcomes = try await rig.outcomes(6)
        #expect(outcomes[1] == "stored" || outcomes[6] == "stored")
        #expect(outcomes[1] == "duplicate" || outcomes[6] == "duplicate")
        #expect(outcomes[2] == "signature_wrong")
        #expect(outcomes[3] == "stored")
        #expect(outcomes[4] == "signature_wrong")
        #expect(outcomes[5] == "at_in_future")
        #expect(Set(store.messages) == [good.id, legacy.id])
    }

    /// The id does not cover the signature: otherwise anybody could have forgeries of what is here taken for copies.
    @Test func whatTheStoreHas_isADuplicateOnlyWithARightSignature() async throws {
        let message = try Fixture.message("there already")
        let store = ScriptedStore()
        _ = try store.commit([Incoming(message: message, receivedAt: 0)])
        let rig = PipelineRig(store: store)
        rig.deliver([message, try Fixture.forged(message)])
        #expect(try await rig.outcomes(2) == [1: "duplicate", 2: "signature_wrong"])
    }

    @Test func nothingIsAcknowledgedBeforeTheCommitReturns() async throws {
        let store = ScriptedStore()
        store.hold()
        let rig = PipelineRig(store: store)
        rig.deliver([try Fixture.message("held")])
        _ = try #require(await store.commitsBegun.first(within: .seconds(10)))
        // A refusal overtakes it, which shows that the way back is open.
        rig.deliver([try Fixture.message("refused", at: Fixture.now + 3_600_000)], from: 2)
        #expect(try await rig.outcomes(1) == [2: "at_in_future"])
        store.release()
        #expect(try await rig.outcomes(2) == [1: "stored", 2: "at_in_future"])
    }

    @Test func whatWaitsDuringACommit_isCommittedTogether() async throws {
        let store = ScriptedStore()
        store.hold()
        let rig = PipelineRig(store: store)
        rig.deliver([try Fixture.message("first")])
        _ = try #require(await store.commitsBegun.first(within: .seconds(10)))
        for number in 2...5 { rig.deliver([try Fixture.message("\(number)")], from: UInt64(number)) }
        try await rig.untilVerified(5)
        store.release()
        #expect(try await rig.outcomes(5).values.allSatisfy { $0 == "stored" })
        #expect(store.commitsBegun.all == [1, 4])
    }

    @Test func aCommitThatFails_givesItsMessagesBack_andTheNextOneWorks() async throws {
        let store = ScriptedStore()
        store.fail(with: StoreError(.diskFull, "no space left"))
        let rig = PipelineRig(store: store)
        let message = try Fixture.message("no space")
        rig.deliver([message])
        #expect(try await rig.outcomes(1) == [1: "failed store_full"])
        #expect(store.messages.isEmpty)
        store.fail(with: nil)
        rig.deliver([message], from: 2)
        #expect(try await rig.outcomes(2)[2] == "stored")
    }

    @Test func commits_areAnnouncedAfterTheyAreAcknowledged() async throws {
        let rig = PipelineRig(store: ScriptedStore())
        rig.deliver([try Fixture.message("one")])
        _ = try await rig.outcomes(1)
        let announced = try #require(await rig.events.first(within: .seconds(10)) { $0.hasPrefix("committed") })
        #expect(announced.index == 1)
    }

    @Test func close_waitsForWhatIsUnderWayAndTakesNothingMore() async throws {
        let store = ScriptedStore()
        store.hold()
        let rig = PipelineRig(store: store)
        rig.deliver([try Fixture.message("under way")])
        _ = try #require(await store.commitsBegun.first(within: .seconds(10)))
        rig.close()
        rig.deliver([try Fixture.message("too late")], from: 2)
        store.release()
        _ = try #require(await rig.events.first(within: .seconds(10)) { $0 == "idle" })
        #expect(rig.events.all.filter { !$0.hasPrefix("committed") } == ["1 stored", "idle"])
    }
}
