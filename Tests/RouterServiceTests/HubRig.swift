import Bus
import Messages
import TelehashWire

import struct Telehash.DeliveryToken
import enum Telehash.Judgement

@testable import RouterService

/// A hub with a hand on its clock, and names for the connections.
struct HubRig {
    var hub: Hub
    var now: Int64 = 0
    private var receiverNumber: UInt64 = 0
    static let client = RoutingID(bytes: [1])
    static let peer = "192.0.2.1"

    init(channels: [Channel] = [], remembered: [RememberedStore]? = nil, patience: Int64 = 0) {
        hub = Hub(version: "test", channels: channels, remembered: remembered, patience: patience, now: 0)
    }

    mutating func receive(_ message: BusMessage, from peer: RoutingID = client) -> [HubEffect] {
        hub.received(message, from: peer, now: now)
        hub.dispatch(now: now)
        return hub.takeEffects()
    }

    /// Messages come from the mesh, in one burst.
    mutating func arrive(_ messages: SignedMessage...) -> [HubEffect] {
        for message in messages { hub.arrivedFromMesh(message, by: HubRig.peer, now: now) }
        hub.dispatch(now: now)
        return hub.takeEffects()
    }

    /// A message comes from the mesh, which the switch knows by a token.
    mutating func arrive(_ message: SignedMessage, token: DeliveryToken, isPlain: Bool = true) -> [HubEffect] {
        hub.arrivedFromMesh(message, by: HubRig.peer, token: token, isPlain: isPlain, now: now)
        hub.dispatch(now: now)
        return hub.takeEffects()
    }

    /// libzmq finds a connection gone.
    mutating func lose(_ peer: RoutingID) -> [HubEffect] {
        hub.unreachable(peer, now: now)
        hub.dispatch(now: now)
        return hub.takeEffects()
    }

    /// Lets time pass; the receivers beat, unless they are `silent`.
    mutating func pass(_ milliseconds: Int64, silent: Set<RoutingID> = []) -> [HubEffect] {
        let end = now + milliseconds
        while now < end {
            now = min(end, now + 500)
            for (peer, receiver) in hub.receivers where !silent.contains(peer) {
                hub.received(.receiverBeat(receiver.hello.receiver), from: peer, now: now)
            }
            hub.tick(now: now)
            hub.dispatch(now: now)
        }
        return hub.takeEffects()
    }

    /// A receiver says hello.
    mutating func join(
        _ peer: RoutingID, store: UInt64, credit: UInt32 = 100, channels: [Channel] = [.tweets]
    ) -> [HubEffect] {
        receiverNumber += 1
        return receive(.hello(Self.hello(receiverNumber, store: store, credit: credit, channels: channels)), from: peer)
    }

    static func hello(_ receiver: UInt64, store: UInt64, credit: UInt32, channels: [Channel] = [.tweets]) -> Hello {
        Hello(
            receiver: ReceiverID(unique(receiver)), store: StoreID(unique(store)), queryEndpoint: "ipc:///q\(receiver)",
            feedEndpoint: "ipc:///f\(receiver)", channels: channels, credit: credit, version: "test")
    }

    mutating func publish(
        _ message: SignedMessage, request: UInt64 = 1, acks: UInt16? = nil, wait: UInt32 = 5_000
    ) -> [HubEffect] {
        receive(
            .publish(
                Publish(request: RequestID(request), acks: acks, waitMilliseconds: wait, message: message)))
    }

    mutating func ack(_ delivery: Bus.Delivery, _ outcome: Ack.Outcome = .stored, from peer: RoutingID) -> [HubEffect] {
        receive(.acks([Ack(id: delivery.id, outcome: outcome)]), from: peer)
    }

    mutating func progress(_ message: SignedMessage, taken: Int, finished: Bool) -> [HubEffect] {
        hub.progressed(MessageKey(message), taken: taken, finished: finished, now: now)
        return hub.takeEffects()
    }

    static func unique(_ number: UInt64) -> UniqueID {
        var random = Fixed(value: number &* 0x9E37_79B9_7F4A_7C15)
        return UniqueID(using: &random)
    }

    static func message(_ text: String = "hello", channel: Channel = .tweets) throws -> SignedMessage {
        try Identity.generate(.ed25519).sign(text, channel: channel, at: 1_763_840_000_000)
    }

    static func store(_ number: UInt64, _ channels: Set<Channel> = [.tweets]) -> RememberedStore {
        RememberedStore(store: StoreID(unique(number)), channels: channels)
    }

    private struct Fixed: RandomNumberGenerator {
        let value: UInt64
        mutating func next() -> UInt64 { value }
    }
}

extension [HubEffect] {
    /// Deliveries, by the connection that they go to.
    func deliveries(to peer: RoutingID) -> [Bus.Delivery] {
        flatMap { effect -> [Bus.Delivery] in
            guard case .send(.deliver(let deliveries), peer) = effect else { return [] }
            return deliveries
        }
    }

    var deadLetters: [DeadLetter]? {
        lazy.compactMap {
            guard case .send(.deadLetters(_, let letters), _) = $0 else { return nil }
            return letters
        }.first
    }

    var receipts: [Receipt] {
        compactMap {
            guard case .send(.receipt(_, let receipt), _) = $0 else { return nil }
            return receipt
        }
    }

    var refusals: [Refusal] {
        compactMap {
            guard case .send(.refusal(_, let refusal), _) = $0 else { return nil }
            return refusal
        }
    }

    /// What a receiver was told that the node takes, the last time.
    func channels(toldTo peer: RoutingID) -> [Channel]? {
        compactMap { effect -> [Channel]? in
            guard case .send(.channels(let channels), peer) = effect else { return nil }
            return channels
        }.last
    }

    /// What was to be kept for the next router, the last time.
    var remembered: [RememberedStore]? {
        compactMap { effect -> [RememberedStore]? in
            guard case .remember(let stores) = effect else { return nil }
            return stores
        }.last
    }

    var judgements: [Judgement] {
        compactMap {
            guard case .judged(_, _, let judgement) = $0 else { return nil }
            return judgement
        }
    }

    var isPublishedToMesh: Bool {
        contains {
            guard case .publish = $0 else { return false }
            return true
        }
    }

    var taps: [Set<NodeID>] {
        compactMap {
            guard case .tap(let ends) = $0 else { return nil }
            return ends
        }
    }
}
