import BusClient
import Foundation
import Messages
import TestSupport
import Testing

extension SystemTests {
    /// Ids and keys without all their digits, and the keys' own commands.
    @Suite("Finding", .timeLimit(.minutes(2)))
    struct FindingTests {
        @Test func firstDigitsAndNames_standForIdsAndKeys() async throws {
            let node = try await TestNode.start()
            try await node.run([["key", "new", "ada"], ["key", "new", "bob"], ["name", "Ada L", "--key", "ada"]])
            let id = try await node.send("of ada", ["--key", "ada"])
            try await node.send("of bob", ["--key", "bob"])
            let key = try #require(try await node.cli(["key", "show", "ada"]).lines.first)
            #expect(key.hasPrefix("ed25519:"))
            let short = try #require(
                try await node.cli(["list"]).text.split(separator: " ").first {
                    $0.hasPrefix("ed25519:\(key.dropFirst(8).prefix(6))…")
                })

            #expect(try await node.cli(["show", String(id.prefix(6)), "--json"]).json().first?["id"].string == id)
            #expect(try await node.cli(["verify", String(id.prefix(6)), "--json"]).json().first?["id"].string == id)
            for author in [
                key, "ada", "Ada L", String(key.prefix(14)), String(key.dropFirst(8).prefix(8)), String(short),
            ] {
                for command in [["list"], ["search", "of"]] {
                    let listed = try await node.cli(command + ["--json", "--author", author])
                    #expect(try listed.json().compactMap { $0["id"].string } == [id], "\(author): \(listed.errorText)")
                }
                let named = try await node.cli(["name", "--author", author, "--json"])
                #expect(try named.json().first?["key"].string == key, "\(author): \(named.errorText)")
            }

            for author in ["Ada%20L", String(key.prefix(14))] {
                let page = try await node.http.get("/authors/\(author)")
                #expect(page.status == 302 && page.headers["location"] == "/authors/\(key)", "\(page.body)")
            }
            let page = try await node.http.get("/tweets/\(id.prefix(6))")
            #expect(page.status == 302 && page.headers["location"] == "/tweets/\(id)", "\(page.body)")

            // What changes something takes no names that anybody may claim.
            let refused = try await node.cli(["block", "Ada L"])
            #expect(refused.status == 2, "\(refused.errorText)")
            try await node.run([
                ["pin", String(key.prefix(14)), "my", "friend"], ["unpin", "ada"], ["block", String(key.prefix(14))],
                ["unblock", String(key.prefix(14))], ["hide", String(id.prefix(6))],
            ])
            #expect(try await node.cli(["show", String(id.prefix(6))]).status == 3, "it is hidden")
            try await node.run([["unhide", String(id.prefix(7))]])
            #expect(try await node.cli(["show", id]).status == 0)
            #expect(try await node.cli(["show", "000000"]).status == 1)
            #expect(try await node.cli(["list", "--author", "nobody"]).status == 1)
            #expect(try await node.cli(["block", "bo"]).status == 2)
        }

        @Test func whatMayBeSeveral_isWrongUsage_andNamesThem() async throws {
            let node = try await TestNode.start()
            var keys: [String] = []
            for name in ["first", "second"] {
                try await node.run([
                    ["key", "new", name], ["name", "Ada", "--key", name], ["send", name, "--key", name],
                ])
                keys.append(try await node.cli(["key", "show", name]).text)
            }
            let listed = try await node.cli(["list", "--author", "Ada"])
            #expect(listed.status == 2)
            let page = try await node.http.get("/authors/Ada")
            #expect(page.status == 300)
            for key in keys {
                #expect(listed.errorText.contains(key), "\(listed.errorText)")
                #expect(page.body.contains("href=\"/authors/\(key)\""), "\(page.body)")
            }
            // What the operator calls an author stands above what others claim.
            try await node.run([["pin", "first", "Ada"]])
            #expect(try await node.cli(["list", "--author", "Ada", "--json"]).json().count == 1)
        }

        @Test func idsThatBeginAlike_areNamed() async throws {
            let node = try await TestNode.start()
            let alike = try Self.messagesOfOneBeginning()
            let client = try BusClient(bus: node.bus, name: "system-test")
            for message in alike { _ = try await client.publish(message, from: .commandLine, timeout: .seconds(5)) }
            await client.close()
            let shown = try await node.cli(["show", String(alike[0].id.hex.prefix(6))])
            #expect(shown.status == 2)
            for message in alike { #expect(shown.errorText.contains(message.id.hex), "\(shown.errorText)") }
        }

        /// Of some thousand messages two have ids with the same six digits.
        private static func messagesOfOneBeginning() throws -> [SignedMessage] {
            let author = Identity.generate(.ed25519)
            let now = Int64(Date().timeIntervalSince1970 * 1_000)
            var seen: [Substring: SignedMessage] = [:]
            while true {
                let message = try author.sign("\(seen.count)", channel: .tweets, at: now)
                let beginning = message.id.hex.prefix(6)
                if let other = seen[beginning] { return [other, message] }
                seen[beginning] = message
            }
        }

        @Test func channels_areThoseOfTheNode() async throws {
            let node = try await TestNode.start(arguments: ["--channel", "tweets", "--channel", "garden"])
            try await node.send("one")
            let id = try await node.send("two")
            let at = try #require(try await node.cli(["show", id, "--json"]).json().first?["at"].number)
            let channels = try await node.cli(["channels", "--json"]).json()
            #expect(channels.map { $0["channel"].string } == ["tweets", "garden"])
            #expect(channels.map { $0["messages"].int } == [2, 0])
            #expect(channels[0]["last_at"].number == at)
            #expect(channels[0]["end"].string == "8bf1cce916417d16b7554135b6b075fb16dd26ce")
            #expect(channels[1]["last_at"] == .null)
            let text = try await node.cli(["channels"])
            #expect(text.lines.first?.hasPrefix("#tweets  2 messages  20") == true, "\(text.text)")
        }

        @Test func keys_areShownRenamedAndDeleted() async throws {
            let site = try TestSite()
            func run(_ arguments: [String]) async throws -> TestSite.Output {
                try await site.run(Binaries.client, arguments)
            }
            let made = try #require(try await run(["key", "new", "one", "--json"]).json().first?["key"].string)
            #expect(try await run(["key", "show", "one"]).text == made, "as $(…) needs it")
            let shown = try #require(try await run(["key", "show", "one", "--json"]).json().first)
            #expect(shown["name"].string == "one" && shown["scheme"].string == "ed25519" && shown["key"].string == made)
            #expect(try await run(["name", "Ada", "--key", "one"]).status == 0)
            #expect(try await run(["key", "new", "two"]).status == 0)
            #expect(try await run(["key", "rename", "one", "two"]).status == 1, "nothing is overwritten")
            #expect(try await run(["key", "rename", "one", "three"]).status == 0)
            #expect(try await run(["key", "show", "three"]).text == made)
            #expect(try await run(["name", "--key", "three", "--timeout", "100ms"]).text == "\(made)  “Ada”")
            #expect(try await run(["key", "show", "one"]).status == 1)
            #expect(try await run(["key", "delete", "three"]).status == 2)
            #expect(try await run(["key", "delete", "three", "--yes"]).status == 0)
            #expect(try await run(["key", "delete", "three", "--yes"]).status == 1)
            #expect(try await run(["key", "list", "--json"]).json().map { $0["name"].string } == ["two"])
            let left = try FileManager.default.contentsOfDirectory(atPath: site.directory.file("data/p2pmsg/keys"))
            #expect(left == ["two"])
        }
    }
}
