import Bus
import Messages
import TelehashWire
import Testing

import struct Telehash.DeliveryToken
import enum Telehash.Judgement

@testable import RouterService

/// Messages from the mesh, followers, taps, and what does not belong on the bus.
@Suite struct HubMeshTests {
    private let a = RoutingID(bytes: [10])

    @Test func messageFromTheMesh_isDeliveredOnce() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        let effects = rig.arrive(message, message, message)
        #expect(effects.deliveries(to: a).map(\.message) == [message])
        #expect(rig.hub.counters[.duplicatesFromMesh] == 2)
        #expect(!effects.isPublishedToMesh)
    }

    /// The signature is no part of the id: a forged copy that comes first must not hide the good one.
    @Test func forgedCopyThatComesFirst_doesNotHideTheMessage() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        let other = try HubRig.message("other")
        var signals = message.signals
        signals["+sig"] = other.signature
        let forged = try SignedMessage(signals: signals)
        #expect(forged.id == message.id)
        let effects = rig.arrive(forged, message)
        #expect(effects.deliveries(to: a).map(\.message) == [forged, message])
    }

    /// What the switch may take for evidence: verified, and not known here before; and what it may hold against somebody.
    @Test func messageFromTheMesh_isJudgedByWhatTheStoreSays() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let own = try HubRig.message("our own")
        let deliveries = rig.publish(own).deliveries(to: a)
        let effects = try rig.ack(#require(deliveries.last), .stored, from: a)
        #expect(effects.judgements.isEmpty)
        let outcomes: [(Ack.Outcome, Judgement?)] = [
            (.stored, .genuine), (.duplicate, .unchecked),
            (.refused(Refusal(code: "signature_wrong", text: "")), .forged),
            (.refused(Refusal(code: "key_weak", text: "")), .forged), (.refused(.rateLimited), nil),
            (.refused(Refusal(code: "key_blocked", text: "")), .unchecked), (.refused(.sourceRateLimited), .overRate),
            (.failed(Refusal(code: "full", text: "")), nil),
        ]
        for (number, (outcome, judgement)) in outcomes.enumerated() {
            let message = try HubRig.message("number \(number)")
            let deliveries = rig.arrive(message, token: try token(number)).deliveries(to: a)
            let effects = try rig.ack(#require(deliveries.first), outcome, from: a)
            #expect(effects.judgements == judgement.map { [$0] } ?? [], "\(outcome)")
        }
    }

    /// What waits is passed on when its signature holds, although it is not kept anew.
    @Test func messageThatWaitsForAJudgement_isPassedOnWhenOnlyThisNodeHasReasonsAgainstIt() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let outcomes: [(Ack.Outcome, Judgement?)] = [
            (.stored, .genuine), (.duplicate, .unchecked), (.refused(.rateLimited), .unknown),
            (.refused(Refusal(code: "message_expired", text: "")), .unchecked),
            (.refused(.sourceRateLimited), .overRate),
            (.failed(Refusal(code: "busy", text: "")), nil), (.failed(Refusal(code: "full", text: "")), .unknown),
        ]
        for (number, (outcome, judgement)) in outcomes.enumerated() {
            let message = try HubRig.message("number \(number)")
            let deliveries = rig.arrive(message, token: try token(number, isHeld: true)).deliveries(to: a)
            let effects = try rig.ack(#require(deliveries.first), outcome, from: a)
            #expect(effects.judgements == judgement.map { [$0] } ?? [], "\(outcome)")
        }
    }

    /// What finds no room in the queue is not passed on as if nobody could tell.
    @Test func messageThatWaitsForAJudgement_goesNoFurtherWhenTheQueueIsFull() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        let (store, message) = (HubRig.store(1).store, try HubRig.message())
        while rig.hub.stores[store]?.add(message, from: .peer(HubRig.peer), now: 0) == true {}
        let effects = rig.arrive(try HubRig.message("one more"), token: try token(1, isHeld: true))
        #expect(effects.judgements == [.dropped])
        #expect(rig.hub.counters[.queueFull] == 1)
    }

    /// Its followers saw it the first time.
    @Test func messageThatFoundNoRoom_isTakenWhenItComesAgain() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        _ = rig.receive(.follow(RequestID(5), ends: [Channel.tweets.end]))
        let (store, late) = (HubRig.store(1).store, try HubRig.message("late"))
        let before = try #require(rig.hub.stores[store])
        let message = try HubRig.message()
        while rig.hub.stores[store]?.add(message, from: .peer(HubRig.peer), now: 0) == true {}
        let first = rig.arrive(late, token: try token(1))
        #expect(first == [.judged(try token(1), late, .dropped), .live(late, RequestID(5), to: HubRig.client)])
        #expect(rig.arrive(late, token: try token(2)) == [.judged(try token(2), late, .dropped)])
        rig.hub.stores[store] = before
        #expect(rig.arrive(late, token: try token(3)).isEmpty)
        #expect(rig.hub.stores[store]?.count == 1)
        #expect(rig.arrive(late, token: try token(4)).isEmpty)
        #expect(rig.hub.stores[store]?.count == 1)
    }

    /// A replay of what a store has had for long; what two stores of this node took at the same time is none.
    @Test func messageThatAStoreHas_isNoReplayWhereAnotherHasJustTakenIt() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.join(HubRig.client, store: 2)
        let effects = rig.arrive(try HubRig.message(), token: try token(1))
        let (first, second) = (effects.deliveries(to: a), effects.deliveries(to: HubRig.client))
        #expect(rig.ack(try #require(first.first), .stored, from: a).judgements == [.genuine])
        #expect(rig.ack(try #require(second.first), .duplicate, from: HubRig.client).judgements.isEmpty)
        let old = rig.arrive(try HubRig.message("old"), token: try token(2)).deliveries(to: a)
        #expect(rig.ack(try #require(old.first), .duplicate, from: a).judgements == [.unchecked])
    }

    /// What a peer brought last gives way to others', and counts as not brought.
    @Test func messageThatGivesWay_isTakenWhenItComesAgain() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        let (store, last) = (HubRig.store(1).store, try HubRig.message("last"))
        let message = try HubRig.message()
        let size = last.text.utf8.count + RouterLimits.bytesBesideText
        while (rig.hub.stores[store]?.bytes ?? 0) + 2 * size <= RouterLimits.waitingBytes {
            _ = rig.hub.stores[store]?.add(message, from: .peer(HubRig.peer), now: 0)
        }
        #expect(rig.arrive(last, token: try token(1)).judgements.isEmpty)
        #expect(rig.publish(try HubRig.message("ours")).judgements == [.dropped])
        #expect(rig.arrive(last, token: try token(1)).judgements == [.dropped])
    }

    /// Who brought it first was refused; the next one's copy is looked at.
    @Test func messageThatIsRefusedForItsBringer_isTakenFromTheNext() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        let first = try #require(rig.arrive(message, token: try token(1)).deliveries(to: a).first)
        #expect(rig.ack(first, .refused(.strangersRateLimited), from: a).judgements == [.overRate])
        let second = try #require(rig.arrive(message, token: try token(1)).deliveries(to: a).first)
        #expect(rig.ack(second, .stored, from: a).judgements == [.genuine])
        #expect(rig.arrive(message, token: try token(1)).deliveries(to: a).isEmpty)
    }

    /// Of one message signals without end can be made, which no receiver sees.
    @Test func copyWithSomethingBesideTheMessage_isAsOneThatNobodyChecked() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        _ = rig.arrive(message, token: try token(1))
        #expect(rig.arrive(message, token: try token(2), isPlain: false).judgements == [.unchecked])
        #expect(rig.arrive(message, token: try token(3)).judgements.isEmpty)
        #expect(rig.arrive(message, token: try token(3, isHeld: true)).judgements == [.unknown])
    }

    @Test func whatIsNoMessage_isForgedOnlyWhereItsSignatureIsNone() {
        let codes: [MessageErrorCode] = [.signatureMalformed, .keyWeak, .keyMalformed, .textTooLong]
        #expect(codes.map { Judgement(MessageError($0, "")) } == [.forged, .forged, .unchecked, .unchecked])
    }

    /// The mesh waits for nobody's judgement where nobody will judge: no store keeps the channel.
    @Test func messageThatWaitsForAJudgement_isPassedOnWhereNoStoreTakesItsChannel() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message(channel: Channel("garden"))
        #expect(rig.arrive(message, token: try token(1)).judgements.isEmpty)
        let other = try HubRig.message("other", channel: Channel("garden"))
        #expect(rig.arrive(other, token: try token(2, isHeld: true)).judgements == [.unknown])
    }

    private func token(_ number: Int, isHeld: Bool = false) throws -> DeliveryToken {
        let neighbour = try #require(Endpoint("192.0.2.1:42424"))
        return DeliveryToken(digest: UInt64(number), from: neighbour, isHeld: isHeld)
    }

    @Test func echoOfOurOwnMessage_isNotDeliveredAgain() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        _ = rig.publish(message)
        #expect(rig.arrive(message).isEmpty)
    }

    @Test func taps_followStoresAndFollowers() throws {
        var rig = HubRig()
        let garden = try Channel("garden")
        #expect(rig.join(a, store: 1).taps == [[Channel.tweets.end]])
        #expect(
            rig.receive(.follow(RequestID(5), ends: [garden.end])).taps == [[Channel.tweets.end, garden.end]])
        #expect(rig.receive(.follow(RequestID(5), ends: [garden.end])).taps.isEmpty)
        #expect(rig.receive(.unfollow(RequestID(5))).taps == [[Channel.tweets.end]])
    }

    @Test func followedEnds_areBounded_andFollowersAgainAreNotCountedTwice() {
        var rig = HubRig()
        func follow(_ number: Int) -> [HubEffect] {
            let ends = (0..<BusLimits.channels).map { NodeID(sha1Of: "\(number)/\($0)") }
            return rig.receive(.follow(RequestID(UInt64(number)), ends: ends))
        }
        let refused = (0..<100).count { !follow($0).refusals.isEmpty }
        #expect(refused == 100 - 16 && rig.hub.tappedEnds.count == RouterLimits.followedEnds)
        let again = follow(3)
        #expect(again.refusals.isEmpty && again.taps.isEmpty)
    }

    @Test func follower_seesLocalAndDistantMessagesOnce_andIsForgottenWhenSilent() throws {
        var rig = HubRig()
        let (near, far) = (try HubRig.message("near"), try HubRig.message("far"))
        _ = rig.receive(.follow(RequestID(5), ends: [Channel.tweets.end]))
        var effects = rig.publish(near, request: 1)
        effects += rig.publish(near, request: 2)
        effects += rig.arrive(far)
        let seen = effects.filter {
            guard case .live = $0 else { return false }
            return true
        }
        #expect(
            seen == [
                .live(near, RequestID(5), to: HubRig.client), .live(far, RequestID(5), to: HubRig.client),
            ])
        _ = rig.pass(Liveness.silenceMilliseconds + 2 * Liveness.beatMilliseconds)
        #expect(rig.hub.followers.isEmpty)
    }

    @Test func queryAtTheRouter_isSentToTheDirectory() {
        var rig = HubRig()
        guard
            case .send(.problem(let request, let code, _), HubRig.client)? =
                rig.receive(.query(RequestID(3), .summary)).first
        else { return #expect(Bool(false), "no problem was reported") }
        #expect(request == RequestID(3) && code == "wrong_address")
    }

    @Test func answers_areNotAnswered() throws {
        var rig = HubRig()
        let problem = BusMessage.problem(request: RequestID(1), code: "x", text: "y")
        #expect(rig.receive(problem).isEmpty)
        #expect(rig.receive(.whoAreYou).isEmpty)
        #expect(rig.hub.counters[.unexpectedMessages] == 2)
    }

    @Test func unreadableMessage_isAnsweredWithTheReason() {
        var rig = HubRig()
        rig.hub.unreadable(.unknownVersion(3), request: RequestID(8), from: a)
        #expect(
            rig.hub.takeEffects() == [
                .send(
                    .problem(
                        request: RequestID(8), code: "unknown_version",
                        text: BusDecodeError.unknownVersion(3).description), to: a)
            ])
    }

    @Test func directory_listsReceiversWithTheirAddresses() {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        guard
            case .send(.directory(RequestID(2), let directory), _)? =
                rig.receive(.directoryRequest(RequestID(2))).first
        else { return #expect(Bool(false), "no directory came") }
        #expect(directory.receivers.map(\.queryEndpoint) == ["ipc:///q1"])
    }
}
