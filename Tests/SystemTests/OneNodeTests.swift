import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("One node", .timeLimit(.minutes(2)))
    struct OneNodeTests {
        @Test func send_onAFreshNode_isOnEverySurface() async throws {
            let node = try await TestNode.start()
            let tail = try node.site.start(Binaries.client, ["tail", "--count", "1", "--wait", "20s", "--json"])
            _ = try await tail.standardError.line(matching: "following", within: .seconds(5))

            let sent = try await node.cli(["send", "hello, wall", "--json"])
            try #require(sent.status == 0, "\(sent.errorText)")
            let receipt = try #require(try sent.json().first)
            let id = try #require(receipt["id"].string)
            #expect(id.count == 64)
            #expect(receipt["stored"].array?.count == 1)
            #expect(receipt["ms"].number != nil)
            let status = try await node.cli(["status", "--json"]).json().first
            #expect(status?["stores"].array?.map { $0["messages"].number } == [1], "as many as the wall has")

            let listed = try await node.cli(["list", "--json"]).json()
            #expect(listed.map { $0["id"].string } == [id])
            #expect(listed.first?["message"].string == "hello, wall")
            #expect(listed.first?["channel"].string == "tweets")
            #expect(listed.first?["scheme"].string == "ed25519")

            let shown = try await node.cli(["show", id, "--json"]).json()
            #expect(shown == listed)

            let heard = try JSON(parsing: try await tail.waitForLine(matching: id, within: .seconds(5)))
            #expect(heard["id"].string == id)
            #expect(heard["signals"] == listed.first?["signals"])
            #expect(try await tail.waitForExit(within: .seconds(5)) == .status(0))

            let page = try await node.page()
            #expect(page.contains("hello, wall"))
            let permalink = try await node.http.get("/tweets/\(id)")
            #expect(permalink.status == 200)
            #expect(permalink.body.contains("hello, wall"))
            let asJSON = try await node.http.get("/tweets/\(id)", headers: ["Accept": "application/json"])
            #expect(try asJSON.json()["signals"] == listed.first?["signals"])

            let taken = try await fastest(goal: .seconds(1)) { try await node.cli(["send", "once more"]).duration }
            #expect(taken < .seconds(1))
        }

        @Test func send_withoutJSON_printsTheIdAndTheStores() async throws {
            let node = try await TestNode.start()
            let sent = try await node.cli(["send", "for people"])
            let store = try #require(try await node.status()["stores"][0]["store"].string)
            #expect(sent.status == 0)
            #expect(sent.text.range(of: "[0-9a-f]{64}", options: .regularExpression) != nil)
            #expect((sent.text + sent.errorText).contains(store))
        }

        @Test func send_fromStandardInput_takesAWholeTextOrOneALine() async throws {
            let node = try await TestNode.start()
            let whole = try await node.cli(["send", "-"], input: Array("two\nlines".utf8))
            #expect(whole.status == 0, "\(whole.errorText)")
            let lines = try await node.cli(["send", "--lines", "-", "--json"], input: Array("one\nmore\nline\n".utf8))
            #expect(lines.status == 0, "\(lines.errorText)")
            #expect(lines.lines.count == 3)
            let texts = try await node.cli(["list", "--json"]).json().compactMap { $0["message"].string }
            #expect(Set(texts) == ["two\nlines", "one", "more", "line"])
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func stop_onSignal_takesLessThan5sAndLeavesNoProcess(_ signal: Int32) async throws {
            let node = try await TestNode.start(receivers: 2)
            #expect(node.site.processes().count >= 5, "up, router, two receivers, renderer")
            // A browser that hangs on the live events must not hold up the end.
            let events = try await node.http.events("/events")
            #expect(events.response.status == 200)
            let (exit, leftovers) = try await node.stop(signal)
            #expect(exit == .status(0), "\(node.process.transcript)")
            #expect(leftovers.isEmpty)
            #expect(events.count == 0, "it was open all the time")
        }

        @Test func restart_onTheSameData_keepsTheWall() async throws {
            let first = try await TestNode.start()
            let id = try await first.send("before the power cut")
            try await first.kill()
            let second = try await TestNode.start(site: first.site)
            #expect(try await second.page().contains("before the power cut"))
            let shown = try await second.cli(["show", id, "--json"])
            #expect(shown.status == 0, "\(shown.errorText)")
        }

        @Test(arguments: [Binaries.router, Binaries.receiver, Binaries.renderer])
        func up_whenAChildIsKilled_startsItAgain(_ program: String) async throws {
            let node = try await TestNode.start()
            let victim = try #require(node.site.processes(named: program).first)
            kill(victim, SIGKILL)
            try await eventually("another \(program)", within: .seconds(5)) {
                node.site.processes(named: program).contains { $0 != victim }
            }
            try await eventually("ready", within: .seconds(10)) { try await node.http.get("/readyz").status == 200 }
            try await node.send("still here", ["--timeout", "10s"])
            try await eventually("on the page", within: .seconds(5)) {
                try await node.page().contains("still here")
            }
        }

        @Test func post_fromThePageItself_isOnTheWall_andFromElsewhereIsRefused() async throws {
            let node = try await TestNode.start()
            let own = "http://127.0.0.1:\(node.httpPort)"
            let posted = try await node.http.post("/send", form: ["message": "typed here"], headers: ["Origin": own])
            #expect((200..<400).contains(posted.status), "\(posted.status) \(posted.body.prefix(200))")
            try await eventually("on the page", within: .seconds(5)) {
                try await node.page().contains("typed here")
            }
            let foreign = try await node.http.post(
                "/send", form: ["message": "forged"], headers: ["Origin": "http://evil.example"])
            #expect(foreign.status == 403)
            let asGet = try await node.http.get("/send?message=forged")
            #expect((400..<500).contains(asGet.status))
            #expect(try await !node.page().contains("forged"))
        }

        @Test func shippedSettings_areUnderstood_asTheyAreAndWithEveryLineInForce() async throws {
            let shipped = Binaries.packageRoot + "/compose/p2pmsg.conf"
            let node = try await TestNode.start(arguments: ["--config", shipped])
            try await node.send("with the shipped settings")

            let lines = try String(contentsOfFile: shipped, encoding: .utf8).split(separator: "\n")
            let inForce = lines.map { $0.replacing(/^# ([a-z-]+ = )/) { String($0.1) } }.filter { !$0.hasPrefix("#") }
            var names: Set<Substring> = []
            // Of two examples for one setting the first.
            let unique = inForce.filter { names.insert($0.prefix { $0 != " " }).inserted }
            #expect(unique.count >= 9, "\(unique)")
            let file = try node.site.directory.write(unique.joined(separator: "\n"), to: "all.conf")
            let listed = try await node.cli(["list", "--json", "--config", file, "--bus", node.bus])
            #expect(listed.status == 0, "\(listed.errorText)")
        }

        @Test func readiness_followsTheReceiver() async throws {
            let node = try await TestNode.start()
            #expect(try await node.http.get("/readyz").status == 200)
            let receiver = try #require(node.site.processes(named: Binaries.receiver).first)
            kill(receiver, SIGSTOP)
            defer { kill(receiver, SIGCONT) }
            try await eventually("not ready without a receiver", within: .seconds(15)) {
                try await node.http.get("/readyz").status == 503
            }
            #expect(try await node.http.get("/livez").status == 200)
            kill(receiver, SIGCONT)
            try await eventually("ready again", within: .seconds(15)) {
                try await node.http.get("/readyz").status == 200
            }
        }
    }
}

extension Mailbox where Element == String {
    /// The first line that contains the pattern.
    func line(matching pattern: String, within limit: Duration) async throws -> String {
        let found = await first(within: limit) { $0.range(of: pattern, options: .regularExpression) != nil }
        guard let found else { throw NotInTime("no line like /\(pattern)/ in \(all)") }
        return found.element
    }
}
