import Bus
import Messages
import Testing

@testable import BusSecurity

@Suite struct BusRoleTests {
    @Test func whomTheNodeKnows_isNotForRenderers() {
        let query = BusMessage.query(RequestID(1), .rules(.known, after: nil, limit: 9))
        #expect(BusRole.allCases.filter { $0.maySend(query) } == [.receiver, .client])
        #expect(BusRole.renderer.maySend(.query(RequestID(1), .rules(.pinnedName, after: nil, limit: 9))))
    }

    @Test func whatComesFromARenderer_isAVisitors_whateverItSays() throws {
        let message = try Identity.generate(.ed25519).sign("hello", channel: .tweets, at: 1)
        func origin(_ role: BusRole) -> Origin? {
            let publish = Publish(
                request: RequestID(1), acks: nil, waitMilliseconds: 1, origin: .commandLine, message: message)
            guard case .publish(let limited) = role.limited(.publish(publish)) else { return nil }
            return limited.origin
        }
        #expect(origin(.renderer) == .visitor)
        #expect(origin(.client) == .commandLine)
        #expect(BusRole.renderer.limited(.unfollow(RequestID(2))) == .unfollow(RequestID(2)))
    }
}
