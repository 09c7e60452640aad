import Bus
import BusClient
import Foundation
import Messages
import TestSupport
import Testing

@testable import RendererService

/// What an operator has taken off the wall.
extension LiveBoundsTests {
    @Test func whatIsHidden_leavesOpenPages_andIsNotSentAgain() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let first = fixture.wall.commit(try Fixture.message("before"))
            let stream = try await client.events("/events?last=\(first.eventID)")
            let bad = fixture.wall.commit(try Fixture.message("bad"))
            #expect(try await names(stream, 1) == ["message"])
            fixture.wall.hide(bad.stored.message.id)
            #expect(try await names(stream, 2) == ["message", "hidden"])
            #expect(try JSON(parsing: stream.all[1].data)["id"].string == bad.stored.message.id.hex)
            #expect(stream.lastID == bad.eventID.description, "it has no place of its own")
            let again = try await client.events("/events?live=no&last=\(first.eventID)")
            #expect(try await names(again, 2) == ["hidden", "end"])
            // Heard again, as from a store that catches up.
            fixture.renderer.hub.publish(bad)
            fixture.wall.show(bad.stored.message.id)
            let shown = try await client.events("/events?live=no&last=\(first.eventID)")
            #expect(try await names(shown, 2) == ["message", "end"])
            #expect(stream.count == 2)
        }
    }

    /// It waits for a reader who is slow, or came to another store.
    @Test func whatIsHidden_isNotSentToWhomItWaitedFor() throws {
        var withdrawn = Withdrawn()
        let (message, other) = (try Fixture.message("x"), try Fixture.message("y", by: Fixture.bob))
        let hide = Rule(subject: .message(message.id), isActive: true, at: 1)
        #expect(withdrawn.take([hide], at: nil) == [.message(message.id)])
        #expect(withdrawn.holds(message) && !withdrawn.holds(other))
        #expect(
            withdrawn.take([Rule(subject: .key(other.key), isActive: true, at: 2)], at: nil) == [.author(other.key)])
        #expect(withdrawn.holds(other))
        #expect(withdrawn.take([Rule(subject: .key(other.key), isActive: false, at: 3)], at: nil) == [])
        #expect(withdrawn.take([Rule(subject: .message(message.id), isActive: false, at: 3)], at: nil) == [])
        #expect(!withdrawn.holds(message) && !withdrawn.holds(other) && withdrawn.count == 0)
    }

    @Test func ofMoreHiddenThanIsRemembered_theOldestIsForgotten() throws {
        var withdrawn = Withdrawn()
        let all = try (0...Limits.withdrawn).map { try Fixture.message("\($0)") }
        for message in all {
            _ = withdrawn.take([Rule(subject: .message(message.id), isActive: true, at: 1)], at: nil)
        }
        #expect(withdrawn.count == Limits.withdrawn)
        #expect(!withdrawn.holds(all[0]) && all.dropFirst().allSatisfy(withdrawn.holds))
    }

    /// Its page shows it still.
    @Test func whatWasHiddenWhileAStreamWasDown_isToldWhenItComesBack() async throws {
        let fixture = try Fixture()
        try await fixture.serve { client in
            let stream = try await client.events("/events")
            let bad = fixture.wall.commit(try Fixture.message("bad"))
            #expect(try await names(stream, 1) == ["message"])
            fixture.wall.hide(bad.stored.message.id)
            let good = fixture.wall.commit(try Fixture.message("good"))
            #expect(try await names(stream, 3) == ["message", "hidden", "message"])
            let back = try await client.events("/events", headers: ["Last-Event-ID": "\(bad.eventID)"])
            #expect(try await names(back, 2) == ["hidden", "message"])
            #expect(try JSON(parsing: back.all[0].data)["id"].string == bad.stored.message.id.hex)
            // It was told, or its page is newer.
            let knowing = try await client.events("/events?live=no&last=\(good.eventID)")
            #expect(try await names(knowing, 1) == ["end"])
            // In a store of which nothing is known.
            let other = fixture.wall.commit(try Fixture.message("x"), in: ModelWall.newStore(), isFed: false)
            let elsewhere = try await client.events("/events?live=no&last=\(other.eventID)")
            #expect(try await names(elsewhere, 1).first == "hidden")
        }
    }
}
