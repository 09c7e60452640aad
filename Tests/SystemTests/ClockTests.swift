import Bus
import BusClient
import Foundation
import Messages
import TestSupport
import Testing

extension SystemTests {
    @Suite("Clocks and spellings", .timeLimit(.minutes(2)))
    struct ClockTests {
        private static let hour: Int64 = 3_600_000

        @Test(arguments: [(-2 * hour, "message_expired"), (hour, "at_in_future")])
        func senderWhoseClockIsWrong_isRefused_andNothingIsStored(_ offset: Int64, _ code: String) async throws {
            let node = try await TestNode.start(arguments: ["--keep", "1h"])
            let client = try BusClient(bus: node.bus, name: "system-test")
            let now = Int64(Date().timeIntervalSince1970 * 1_000)
            let message = try Identity.generate(.ed25519).sign("x", channel: .tweets, at: now + offset)
            let error = await #expect(throws: BusError.self) { try await client.publish(message, timeout: .seconds(5)) }
            #expect(error?.refusal?.code == code)
            await client.close()
            #expect(try await node.cli(["list"]).text == "")
            let right = try await node.cli(["send", "of the right clock"])
            #expect(right.status == 0, "\(right.errorText)")
            #expect(try await node.cli(["status", "--json"]).json().first?["notices"].array?.isEmpty == true)
        }

        @Test func channelsAndWords_areFoundHoweverTheyAreSpelt() async throws {
            let node = try await TestNode.start(arguments: ["--channel", "#café"])
            let sent = try await node.cli(["send", "--channel", "#cafe\u{301}", "z Łodzi do Đà Nẵng 👍🏽 محـــمد"])
            #expect(sent.status == 0, "\(sent.errorText)")
            #expect(sent.errorText.contains("the # before it is not part of its name"))
            for words in ["lodzi", "da nang", "👍", "محمد"] {
                let found = try await node.cli(["search", "--channel", "café", words])
                #expect(found.lines.count > 1, "\(words): \(found.errorText)")
                let page = try await node.http.get("/search?channel=cafe%CC%81&q=\(Self.encoded(words))")
                #expect(page.body.contains("One message"), "\(words)")
            }
            let hidden = try await node.cli(["send", "--channel", "tweets\u{200B}", "x"])
            #expect(hidden.status == 2)
            #expect(hidden.errorText.contains("U+200B"))
        }

        private static func encoded(_ text: String) -> String {
            text.utf8.map { "%" + String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        }

        /// Whatever zone the reader's machine is in.
        @Test func since_isLocalMidnight() async throws {
            let node = try await TestNode.start()
            _ = try await node.cli(["send", "of today"])
            let client = try Binaries.path(Binaries.client)
            for (zone, hours) in [("TOT-13", 13), ("UTC0", 0), ("HST10", -10)] as [(String, Int64)] {
                let now = Int64(Date().timeIntervalSince1970 * 1_000)
                let today = String(Self.text(now + hours * Self.hour).prefix(10))
                let listed = try await node.site.run(
                    "/usr/bin/env", ["TZ=\(zone)", client, "list", "--since", today])
                #expect(listed.text.contains("of today"), "\(zone)")
                let tomorrow = String(Self.text(now + (hours + 24) * Self.hour).prefix(10))
                let none = try await node.site.run(
                    "/usr/bin/env", ["TZ=\(zone)", client, "list", "--since", tomorrow])
                #expect(none.status == 0 && none.text == "", "\(zone)")
            }
        }

        /// As it were UTC.
        private static func text(_ time: Int64) -> String {
            let format = ISO8601DateFormatter()
            return format.string(from: Date(timeIntervalSince1970: Double(time) / 1_000))
        }
    }
}
