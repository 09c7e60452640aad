import Bus
import Messages
import Testing

/// Whose word counts for what a row says its id is.
@Suite struct TrustTests {
    /// A feed whose row has the id of another message.
    private func mislabelled() throws -> (frames: [[UInt8]], id: MessageID, message: SignedMessage) {
        let message = try Samples.signed("a message", at: 1)
        let other = try Samples.signed("another one", at: 2).id
        let pulse = Pulse(
            store: StoreID(Samples.unique(1)), receiver: ReceiverID(Samples.unique(2)), epoch: 1, sequence: 1,
            position: 1)
        let row = Row(position: 1, stored: StoredMessage(message: message, receivedAt: 3, channel: nil))
        var frame = BusMessage.committed(pulse, [row]).frames()[0]
        let place = try #require(frame.firstRange(of: message.id.bytes))
        frame.replaceSubrange(place, with: other.bytes)
        return ([frame], other, message)
    }

    @Test func idOfARow_isComputedWhereTheStoreIsAStranger() throws {
        let frames = try mislabelled().frames
        #expect(throws: BusDecodeError.malformed("a message's id")) { try BusMessage.decode(frames) }
    }

    @Test func idOfARow_isBelievedWhereTheStoreIsTrusted() throws {
        let (frames, id, message) = try mislabelled()
        guard case .committed(_, let rows) = try BusMessage.decode(frames, trustsStores: true) else {
            Issue.record("another message")
            return
        }
        #expect(rows.map(\.stored.message.id) == [id])
        #expect(rows.map(\.stored.message.text) == [message.text])
    }

    /// Nobody's word counts for what is sent to a router or a store.
    @Test func messagesBesideRows_areAlwaysChecked() throws {
        let message = try Samples.signed("a message", at: 1)
        let live = BusMessage.live(RequestID(1), message, receivedAt: 2)
        var frame = live.frames()[0]
        let place = try #require(frame.firstRange(of: Array("+end".utf8)))
        frame[place.lowerBound + 6] = UInt8(ascii: "G")
        #expect(throws: BusDecodeError.self) { try BusMessage.decode([frame], trustsStores: true) }
    }

    @Test func foreignBytes_whereTheStoreIsTrusted_neverTrap() throws {
        let frame = try mislabelled().frames[0]
        for place in frame.indices {
            for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
                var changed = frame
                changed[place] = value
                _ = try? BusMessage.decode([changed], trustsStores: true)
            }
            _ = try? BusMessage.decode([Array(frame.prefix(place))], trustsStores: true)
        }
    }
}
