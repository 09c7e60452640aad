import Bus
import Messages
import ServiceRuntime
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

    /// Receivers make friends of those who write on the command line.
    @Test(arguments: [Origin.commandLine, .visitor])
    func deliveries_sayWhoPublished_alsoToAStoreThatComesLater(origin: Origin) throws {
        var rig = HubRig(channels: [.tweets], remembered: [HubRig.store(1), HubRig.store(2)])
        let (a, b) = (RoutingID(bytes: [10]), RoutingID(bytes: [11]))
        let publish = Publish(
            request: RequestID(1), acks: nil, waitMilliseconds: 5_000, origin: origin, message: try HubRig.message())
        _ = rig.receive(.publish(publish))
        let first = rig.join(a, store: 1).deliveries(to: a)
        let second = rig.join(b, store: 3).deliveries(to: b)
        #expect(first.map(\.source) == [Source(origin)])
        #expect(second.allSatisfy { $0.source == Source(origin) })
        #expect(try rig.ack(#require(first.first), .stored, from: a).isPublishedToMesh)
    }

    @Test func whatReceiversRefuseForItsNumber_isCountedByReason() throws {
        var rig = HubRig()
        let a = RoutingID(bytes: [10])
        _ = rig.join(a, store: 1)
        let refusals: [Refusal] = [
            .rateLimited, .sourceRateLimited, .strangerRateLimited, .strangersRateLimited, .strangersRateLimited,
        ]
        for (number, refusal) in refusals.enumerated() {
            let delivery = try #require(rig.arrive(HubRig.message("\(number)")).deliveries(to: a).first)
            _ = rig.ack(delivery, .refused(refusal), from: a)
        }
        let counters = rig.hub.namedCounters
        let names = ["rate", "source_rate", "stranger_rate", "strangers_rate"].map { "bus_refused_" + $0 }
        #expect(names.map { counters[$0] } == [1, 1, 1, 2])
        #expect(counters["bus_refused"] == 5)
        #expect(MetricCatalogue.drops.isSuperset(of: names))
    }
}
