import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// What operators do to a running node, by the command line.
    @Suite("Operators", .timeLimit(.minutes(3)))
    struct OperatorTests {
        @Test func hide_takesAMessageOffThePage_andUnhideBringsItBack() async throws {
            let node = try await TestNode.start()
            let id = try await node.send("regrettable")
            try await node.send("fine")
            let first = try await node.http.get("/tweets")
            let tag = try #require(first.headers["etag"])

            let hidden = try await node.cli(["hide", id, "--reason", "asked to", "--json"])
            #expect(try hidden.json().first?["messages"].int == 1, "\(hidden.errorText)")
            try await eventually("the page shows it no more", within: .seconds(3)) {
                let page = try await node.http.get("/tweets", headers: ["If-None-Match": tag])
                return page.status == 200 && !page.body.contains("regrettable") && page.body.contains("fine")
            }
            #expect(try await node.page().contains("1 hidden here"), "readers are told")
            #expect(try await node.http.get("/tweets/\(id)").status == 410)
            let shown = try await node.cli(["show", id])
            #expect(shown.status == 3, "\(shown.errorText)")
            let listed = try await node.cli(["hide", "--list", "--json"]).json()
            #expect(listed.map { $0["id"].string } == [id])
            #expect(listed.first?["reason"].string == "asked to")

            let again = try await node.cli(["unhide", id])
            #expect(again.status == 0 && again.text.hasSuffix("1 message shown again"), "\(again.text)")
            try await eventually("the page shows it again", within: .seconds(3)) {
                try await node.page().contains("regrettable")
            }
            #expect(try await node.cli(["hide", "--list"]).lines.isEmpty)
        }

        @Test func block_hidesAndRefusesAKey_untilItIsTakenBack() async throws {
            let node = try await TestNode.start()
            for name in ["good", "bad"] { #expect(try await node.cli(["key", "new", name]).status == 0) }
            try await node.send("of the good", ["--key", "good"])
            try await node.send("of the bad", ["--key", "bad"])
            let key = try #require(try await node.cli(["key", "show", "bad", "--json"]).json().first?["key"].string)

            #expect(try await node.cli(["block", key]).status == 0)
            let texts = try await node.cli(["list", "--json"]).json().compactMap { $0["message"].string }
            #expect(texts == ["of the good"])
            let refused = try await node.cli(["send", "more of the bad", "--key", "bad"])
            #expect(refused.status == 3, "\(refused.errorText)")
            #expect(refused.errorText.contains("blocked"), "\(refused.errorText)")

            #expect(try await node.cli(["unblock", key]).status == 0)
            try await node.send("better", ["--key", "bad"])
            #expect(try await node.cli(["list", "--json"]).json().count == 3)
        }

        @Test func exportAndImport_carryEverythingToAnotherNode_andMayBeRepeated() async throws {
            let first = try await TestNode.start()
            let lines = (0..<700).map { "message \($0)" }.joined(separator: "\n")
            let sent = try await first.cli(["send", "--lines", "-"], input: Array(lines.utf8))
            try #require(sent.status == 0, "\(sent.errorText)")
            try await first.send("of 2011", ["--scheme", "2011"])
            let exported = try await first.cli(["export"])
            #expect(exported.status == 0, "\(exported.errorText)")
            #expect(exported.lines.count == 701)

            let second = try await TestNode.start()
            let file = try second.site.directory.write(exported.text, to: "export.jsonl")
            let imported = try await second.cli(["import", file, "--json"])
            #expect(imported.status == 0, "\(imported.errorText)")
            #expect(try imported.json().first?["stored"].int == 701)
            // The same messages with the same times.
            #expect(Set(try await second.cli(["export"]).lines) == Set(exported.lines))

            let again = try await second.cli(["import", "-", "--json"], input: Array(exported.text.utf8))
            #expect(try again.json().first?["stored"].int == 0)
            #expect(try again.json().first?["duplicates"].int == 701)
        }

        @Test func import_ofWhatIsWrong_namesTheLines_andStoresTheRest() async throws {
            let node = try await TestNode.start()
            let id = try await node.send("true")
            let line = try #require(try await node.cli(["show", id, "--json"]).lines.first)
            let other = try await TestNode.start()
            let forged = line.replacingOccurrences(of: "\"true\"", with: "\"lies\"")
                .replacingOccurrences(of: "\"id\":\"\(id)\",", with: "")
            let input = [forged, "not json", "", "{}", line].joined(separator: "\n")
            let imported = try await other.cli(["import", "-", "--json"], input: Array(input.utf8))
            #expect(imported.status == 3)
            let totals = try #require(try imported.json().first)
            #expect(totals["stored"].int == 1)
            #expect(totals["unreadable"].int == 2)
            #expect(totals["refused"]["signature_wrong"].int == 1)
            #expect(imported.errorText.contains("line 2"), "\(imported.errorText)")
            #expect(imported.errorText.contains("line 4"), "\(imported.errorText)")
            #expect(try await other.page().contains("true"))
        }

        /// The steps of compose/README.md for a move: stop, copy the directory, start elsewhere, at other addresses.
        @Test func dataDirectory_onAnotherMachine_isTheSameNode() async throws {
            let node = try await TestNode.start()
            let id = try await node.send("written before the move")
            let own = "http://127.0.0.1:\(node.httpPort)"
            _ = try await node.http.post("/send", form: ["message": "of the page"], headers: ["Origin": own])
            let before = try await node.status()["stores"][0]
            _ = try await node.stop()

            let site = try TestSite()
            for directory in ["node", "data/p2pmsg"] {
                try FileManager.default.copyItem(
                    atPath: node.site.directory.file(directory), toPath: site.directory.file(directory))
            }
            let moved = try await TestNode.start(site: site, receivers: 2)
            let after = try await moved.status()["stores"][0]
            #expect(after["store"] == before["store"])
            let next = "http://127.0.0.1:\(moved.httpPort)"
            _ = try await moved.http.post("/send", form: ["message": "of the page there"], headers: ["Origin": next])
            try await moved.send("written after it")
            let listed = try await moved.cli(["list", "--json"]).json()
            #expect(listed.contains { $0["id"].string == id })
            func author(_ text: String) -> String? {
                listed.first { $0["message"].string == text }?["key"].string
            }
            #expect(author("written after it") == author("written before the move"), "the writer's key")
            #expect(author("of the page there") == author("of the page"), "the page's key")
            #expect(author("of the page") != nil)
        }

        @Test func dead_onAHealthyNode_isEmpty() async throws {
            let node = try await TestNode.start()
            let dead = try await node.cli(["dead", "--json"])
            #expect(dead.status == 0, "\(dead.errorText)")
            #expect(dead.lines.isEmpty)
            #expect(try await node.status()["counters"]["bus_dead_letters_kept"].int == 0)
        }
    }
}
