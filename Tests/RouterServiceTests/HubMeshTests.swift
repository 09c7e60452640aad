import Bus
import Messages
import Testing

import struct Telehash.DeliveryToken

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

    /// What the switch may take for evidence: verified, and not known here before.
    @Test func messageFromTheMesh_thatAStoreTakes_isAccepted_othersAreNot() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let own = try HubRig.message("our own")
        let deliveries = rig.publish(own).deliveries(to: a)
        let effects = try rig.ack(#require(deliveries.last), .stored, from: a)
        #expect(!effects.contains { if case .accepted = $0 { true } else { false } })
        let outcomes: [Ack.Outcome] = [
            .stored, .duplicate, .refused(Refusal(code: "signature", text: "")),
            .failed(Refusal(code: "full", text: "")),
        ]
        for (number, outcome) in outcomes.enumerated() {
            let message = try HubRig.message("number \(number)")
            let token = DeliveryToken(digest: UInt64(number))
            let deliveries = rig.arrive(message, token: token).deliveries(to: a)
            let effects = try rig.ack(#require(deliveries.first), outcome, from: a)
            #expect(effects.contains(.accepted(token)) == (outcome == .stored), "\(outcome)")
        }
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
