import Bus
import Messages
import Testing

@testable import RouterService

@Suite struct HubAccessTests {
    @Test func messageWithoutRight_isAnsweredWithItsRequestAndCounted_andDoesNothing() throws {
        var rig = HubRig()
        let publish = BusMessage.publish(
            Publish(request: RequestID(7), acks: nil, waitMilliseconds: 1, message: try HubRig.message()))
        let hello = BusMessage.hello(HubRig.hello(1, store: 1, credit: 1))
        for (message, request) in [(publish, RequestID(7)), (hello, nil)] {
            rig.hub.notAllowed(message, role: "client", from: HubRig.client)
            let effects = rig.hub.takeEffects()
            guard case .send(.problem(request, "not_allowed", let text), HubRig.client)? = effects.first else {
                Issue.record("\(effects)")
                continue
            }
            #expect(text.contains("client"))
            #expect(effects.count == 1)
        }
        #expect(rig.hub.namedCounters["bus_not_allowed"] == 2)
        #expect(rig.hub.receivers.isEmpty)
        #expect(rig.hub.publications.isEmpty)
    }

    @Test func directory_namesTheKeyOfAReceiver() throws {
        var rig = HubRig()
        let hello = HubRig.hello(1, store: 1, credit: 1)
        _ = rig.receive(
            .hello(
                Hello(
                    receiver: hello.receiver, store: hello.store, queryEndpoint: "tcp://192.0.2.1:1",
                    feedEndpoint: "tcp://192.0.2.1:2", channels: [], credit: 1, version: "", key: "the key")),
            from: RoutingID(bytes: [2]))
        #expect(rig.hub.directory(now: 0).receivers.map(\.key) == ["the key"])
    }
}
