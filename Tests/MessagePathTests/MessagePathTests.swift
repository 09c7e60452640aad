import Bus
import BusClient
import Messages
import ReceiverStore
import TelehashWire
import TestSupport
import Testing

@testable import RendererService
@testable import RouterService
@testable import SQLiteStore

/// What a message costs on its way from the socket to the event that a browser gets, by the types that carry it.
@Suite struct MessagePathTests {
    private let receiver = RoutingID(bytes: [1])
    private let pulse: Pulse

    init() {
        var random = SystemRandomNumberGenerator()
        pulse = Pulse(
            store: StoreID(UniqueID(using: &random)), receiver: ReceiverID(UniqueID(using: &random)), epoch: 1,
            sequence: 1, position: 1)
    }

    @Test func message_isReadOnceInEachProcess_andHashedOnceInTheFirstTwo() throws {
        let message = try Identity.generate(.ed25519).sign("hello \"you\"", channel: .tweets, at: 1_800_000_000_000)
        let datagram = Telex(hop: 1, signals: message.signals).encoded()

        let router = WorkCount()
        let delivered = try router.of { try throughRouter(datagram) }
        #expect(router.parses == 1 && router.hashes == 1)

        let directory = try TemporaryDirectory()
        let store = try SQLiteStore.open(path: directory.file("store.sqlite"), channels: [.tweets])
        let receiver = WorkCount()
        let committed = try receiver.of { try throughReceiver(delivered, into: store) }
        #expect(receiver.parses == 1 && receiver.hashes == 1)

        let renderer = WorkCount()
        let event = try renderer.of { try throughRenderer(committed) }
        #expect(renderer.parses == 1 && renderer.hashes == 0)
        #expect(event.contains("\"id\":\"\(message.id.hex)\"") && event.contains(#""message":"hello \"you\"""#))
    }

    /// What a reader of JSON costs, who is a stranger.
    @Test func messageAsJSON_isReadAndHashedOnce() throws {
        let json = try Identity.generate(.ed25519).sign("hello", channel: .tweets, at: 1).json()
        let count = WorkCount()
        #expect(try count.of { try SignedMessage(json: json) }.isSignatureValid())
        #expect(count.parses == 1 && count.hashes == 1)
    }

    /// - Returns: what a receiver gets.
    private func throughRouter(_ datagram: [UInt8]) throws -> [[UInt8]] {
        var hub = RouterService.Hub(version: "test", channels: [], remembered: nil, patience: 0, now: 0)
        let hello = Hello(
            receiver: pulse.receiver, store: pulse.store, queryEndpoint: "ipc:///q", feedEndpoint: "ipc:///f",
            channels: [.tweets], credit: 1, version: "test")
        hub.received(.hello(hello), from: receiver, now: 0)
        let telex = try Telex.decode(datagram)
        hub.arrivedFromMesh(try SignedMessage(signals: telex.signals), by: "192.0.2.1", now: 0)
        hub.dispatch(now: 0)
        let frames = hub.takeEffects().compactMap { effect -> [[UInt8]]? in
            guard case .send(let message, _) = effect, case .deliver = message else { return nil }
            return message.frames()
        }
        return try #require(frames.first)
    }

    /// - Returns: what the feed says.
    private func throughReceiver(_ frames: [[UInt8]], into store: SQLiteStore) throws -> [[UInt8]] {
        guard case .deliver(let deliveries) = try BusMessage.decode(frames) else { return [] }
        let message = try #require(deliveries.first).message
        try message.checkSignature()
        let committed = try store.commit([Incoming(message: message, receivedAt: 1_800_000_000_001)])
        return BusMessage.committed(pulse, committed.rows).frames()
    }

    /// - Returns: the event.
    private func throughRenderer(_ frames: [[UInt8]]) throws -> String {
        guard case .committed(_, let rows) = try BusMessage.decode(frames, trustsStores: true) else { return "" }
        let row = try #require(rows.first)
        return LiveEvent.message(FeedMessage(store: pulse.store, row: row), html: "<p>hello</p>")
    }
}
