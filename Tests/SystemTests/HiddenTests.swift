import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// What an operator has hidden is nowhere any more: not on any surface of the node, nor in a proxy's cache.
    @Suite("Hidden", .timeLimit(.minutes(3)))
    struct HiddenTests {
        private static let text = "a regrettable quokka"
        private static let word = "quokka"
        /// A search marks the other one.
        private static let sign = "regrettable"
        /// From the end of the command.
        private static let limit = Duration.milliseconds(1_500)

        /// Everything that is read over HTTP, with what it answers when the message is not there.
        private func surfaces(id: String, key: String, before place: String) -> [(path: String, status: Int)] {
            let feeds = ["feed.atom", "feed.rss", "feed.json"]
            let lists = ["", "/channels/tweets", "/authors/\(key)"]
            return [
                ("/tweets", 200), ("/channels/tweets", 200), ("/authors/\(key)", 200), ("/search?q=\(Self.word)", 200),
                ("/tweets/\(id)", 410), ("/api/messages", 200), ("/api/messages?q=\(Self.word)", 200),
                ("/api/messages?author=\(key)", 200), ("/api/messages?channel=tweets&limit=500", 200),
                ("/api/messages?after=\(place)", 200),
            ] + lists.flatMap { list in feeds.map { ("\(list)/\($0)", 200) } }
                + feeds.map { ("/search/\($0)?q=\(Self.word)", 200) }
        }

        private func shows(_ response: HTTPResponse) -> Bool { response.body.contains(Self.sign) }

        @Test(arguments: ["hide", "block"])
        func whatIsHidden_isOnNoSurface_norInACache(_ command: String) async throws {
            let node = try await TestNode.start(arguments: ["--trusted-proxy", "127.0.0.1/32"])
            let proxy = try await TestProxy.start(.nginx, in: node.site, renderers: [node.httpPort], caches: true)
            let host = ["Host": TestProxy.name]
            try await node.awaitFeed()
            let page = try await node.page()
            let place = String(try #require(page.firstMatch(of: /data-last="([^"]*)"/)).1)
            #expect(try await node.cli(["key", "new", "other"]).status == 0)
            let id = try await node.send(Self.text, ["--key", "other"])
            let key = try #require(try await node.cli(["key", "show", "other", "--json"]).json().first?["key"].string)
            let open = try await node.http.events("/events", headers: ["Last-Event-ID": place])
            #expect(await open.first(within: .seconds(5)) { $0.data.contains(Self.text) } != nil)

            // All have it, in whatever caches there are.
            let surfaces = surfaces(id: id, key: key, before: place)
            var tags: [String: String] = [:]
            for (path, _) in surfaces {
                for http in [node.http, proxy.http] {
                    let first = try await http.get(path, headers: host)
                    #expect(first.status == 200 && shows(first), "\(path)")
                    tags[path] = first.headers["etag"]
                }
            }
            let asset = try #require(page.firstMatch(of: /href="(\/assets\/[^"]*css)"/)).1
            _ = try await proxy.http.get(String(asset), headers: host)
            #expect(try await proxy.http.get(String(asset), headers: host).headers["x-cache"] == "HIT", "it does cache")

            let done = try await node.cli([command, command == "hide" ? id : key])
            #expect(done.status == 0, "\(done.errorText)")
            let start = ContinuousClock.now
            for (path, status) in surfaces {
                for http in [proxy.http, node.http] {
                    var headers = host
                    headers["If-None-Match"] = tags[path]
                    let now = try await http.get(path, headers: headers)
                    #expect(now.status == (command == "block" && path == "/tweets/\(id)" ? 410 : status), "\(path)")
                    #expect(!shows(now), "\(path)")
                }
            }
            // Programs get the same as JSON, and pages that are open lose it.
            let json = try await proxy.http.get(
                "/tweets/\(id)", headers: host.merging(["Accept": "application/json"]) { $1 })
            #expect(json.status == 410 && !shows(json))
            let subject = command == "hide" ? id : key
            let told = await open.first(within: Self.limit) { $0.name == "hidden" && $0.data.contains(subject) }
            #expect(told != nil)
            for http in [node.http, proxy.http] {
                let again = try await http.events(
                    "/events?live=no", headers: host.merging(["Last-Event-ID": place]) { $1 })
                #expect(await again.first(within: .seconds(5)) { $0.name == "end" } != nil)
                #expect(!again.all.contains { $0.data.contains(Self.text) })
            }
            #expect(ContinuousClock.now - start < Self.limit, "all within the time that is said")

            for arguments in [["list"], ["list", "--json", "--author", key], ["search", Self.word], ["export"]] {
                let said = try await node.cli(arguments)
                #expect(!said.text.contains(Self.text), "\(arguments)")
            }
            let shown = try await node.cli(["show", id])
            #expect(shown.status == 3 && !shown.text.contains(Self.text))
        }
    }
}
