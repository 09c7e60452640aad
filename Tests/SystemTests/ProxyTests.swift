import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The wall behind real reverse proxies with the configurations that operators copy.
    @Suite("Behind a proxy", .timeLimit(.minutes(3)))
    struct ProxyTests {
        static let kinds = TestProxy.Kind.allCases.filter(\.isInstalled)

        private static let trusting = ["--trusted-proxy", "127.0.0.1/32", "--public-name", TestProxy.name]

        /// Under a path that no example names.
        private static let elsewhere = "/some/where.else"

        @Test func nginx_isInstalled() {
            #expect(Self.kinds.contains(.nginx), "Tests/run installs it")
        }

        @Test(arguments: kinds, ["", "/wall", elsewhere])
        func page_postAndLiveEvents_workThroughTheProxy(_ kind: TestProxy.Kind, _ base: String) async throws {
            let arguments = Self.trusting + (base.isEmpty ? [] : ["--base-path", base])
            let node = try await TestNode.start(arguments: arguments)
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort])
            let host = ["Host": TestProxy.name, "Origin": "http://\(TestProxy.name)"]

            let empty = try await proxy.http.get("\(base)/tweets", headers: host)
            #expect(empty.status == 200)
            let last = empty.body.firstMatch(of: /data-last="([^"]*)"/).map { String($0.1) }
            let events = try await proxy.http.events("\(base)/events", headers: host)
            #expect(events.response.status == 200)
            #expect(events.response.headers["content-type"]?.hasPrefix("text/event-stream") ?? false)

            let http = proxy.http
            var ids: [String] = []
            let taken = try await fastest(goal: .seconds(2)) {
                let text = "through the proxy, \(ids.count)"
                return try await ContinuousClock().measure {
                    async let heard = http.event("\(base)/events", after: last, within: .seconds(10)) {
                        $0.data.contains(text)
                    }
                    ids.append(try await node.send(text))
                    #expect(try await heard.data.contains(ids[ids.count - 1]))
                }
            }
            #expect(taken < .seconds(2), "the event passes the proxy unbuffered")

            let page = try await proxy.http.get("\(base)/tweets", headers: ["Host": TestProxy.name])
            #expect(page.status == 200)
            #expect(page.body.contains("through the proxy"))
            let feed = try await proxy.http.get("\(base)/feed.atom", headers: ["Host": TestProxy.name])
            let link = "href=\"http://\(TestProxy.name)\(base)/tweets/\(ids[0])\""
            #expect(feed.body.contains(link), "links are the visitor's")

            let form = ["message": "posted behind a proxy"]
            let posted = try await proxy.http.post("\(base)/send", form: form, headers: host)
            #expect(posted.status == 303, "\(posted.status) \(posted.body.prefix(200))")
            #expect(posted.headers["location"]?.hasPrefix("\(base)/tweets#") == true)
            try await eventually("the post is on the wall", within: .seconds(5)) {
                try await node.http.get("\(base)/tweets").body.contains("posted behind a proxy")
            }
            let foreign = ["Host": TestProxy.name, "Origin": "http://elsewhere.example"]
            #expect(try await proxy.http.post("\(base)/send", form: ["message": "no"], headers: foreign).status == 403)
        }

        @Test(arguments: kinds)
        func visitors_areToldApart_whateverTheySayAboutThemselves(_ kind: TestProxy.Kind) async throws {
            let node = try await TestNode.start(arguments: Self.trusting + ["--visitor-rate", "0.01/1"])
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort])
            func post(from source: String, as claimed: String) async throws -> Int {
                let headers = [
                    "Host": TestProxy.name, "Origin": "http://\(TestProxy.name)", "X-Forwarded-For": claimed,
                    "Forwarded": "for=\(claimed)", "X-Real-IP": claimed,
                ]
                let http = HTTPClient(.tcp(port: proxy.port, from: source))
                return try await http.post("/send", form: ["message": "hello"], headers: headers).status
            }
            #expect(try await post(from: "127.0.0.2", as: "203.0.113.1") == 303)
            #expect(try await post(from: "127.0.0.2", as: "203.0.113.2") == 429)
            #expect(try await post(from: "127.0.0.3", as: "203.0.113.1") == 303)
            for source in ["127.0.0.1", "127.0.0.2"] {
                let metrics = HTTPClient(.tcp(port: proxy.port, from: source))
                for path in ["/metrics", "/metrics/", "//metrics", "/%6detrics"] {
                    #expect(try await metrics.get(path, headers: ["Host": TestProxy.name]).status == 404)
                }
            }
        }

        /// Caddy needs a module for that.
        @Test(arguments: kinds.filter { $0 != .caddy })
        func oneVisitor_hasAShareOfConnectionsAndRequests(_ kind: TestProxy.Kind) async throws {
            let node = try await TestNode.start(arguments: Self.trusting)
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort], isLimited: true)
            let host = ["Host": TestProxy.name]
            var statuses: Set<Int> = []
            for _ in 0..<2_000 where !statuses.contains(429) {
                statuses.insert(try await proxy.http.get("/livez", headers: host).status)
            }
            #expect(statuses == [200, 429])
            let other = HTTPClient(.tcp(port: proxy.port, from: "127.0.0.2"))
            #expect(try await other.get("/tweets", headers: host).status == 200)
            var held: [HTTPClient.EventStream] = []
            let third = HTTPClient(.tcp(port: proxy.port, from: "127.0.0.3"))
            // On a slow machine the node may end all of them meanwhile, when it missed a part of its feed; then the rate of
            // requests holds the visitor back as well.
            try await eventually("the visitor has its share", within: .seconds(30), every: .milliseconds(200)) {
                while held.count < 1_000, let stream = try? await third.events("/events", headers: host),
                    stream.response.status == 200
                { held.append(stream) }
                return held.count(where: \.isOpen) >= 100
            }
            let open = held.count(where: \.isOpen)
            #expect(open <= 129, "\(open) of \(held.count)")
            #expect(try await other.get("/tweets", headers: host).status == 200)
        }

        @Test(arguments: kinds)
        func postUnderAnotherName_isRefused_andNamesTheFlag(_ kind: TestProxy.Kind) async throws {
            let node = try await TestNode.start(arguments: ["--trusted-proxy", "127.0.0.1/32"])
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort])
            let headers = ["Host": TestProxy.name, "Origin": "http://\(TestProxy.name)"]
            let posted = try await proxy.http.post("/send", form: ["message": "x"], headers: headers)
            #expect(posted.status == 403 && posted.body.contains("--public-name \(TestProxy.name)"), "\(posted.body)")
        }

        /// Two of them in a row, each of which appends to what it gets.
        @Test func visitorAndName_areWhatTheOuterOfTwoProxiesSaw() async throws {
            let node = try await TestNode.start(arguments: Self.trusting + ["--visitor-rate", "0.01/1"])
            let inner = try await TestProxy.start(.nginx, in: node.site, renderers: [node.httpPort])
            let outer = try await TestProxy.start(.nginx, in: node.site, renderers: [inner.port])
            func post(from source: String) async throws -> Int {
                let headers = ["Host": TestProxy.name, "Origin": "http://\(TestProxy.name)"]
                let http = HTTPClient(.tcp(port: outer.port, from: source))
                return try await http.post("/send", form: ["message": "hello"], headers: headers).status
            }
            #expect(try await post(from: "127.0.0.2") == 303)
            #expect(try await post(from: "127.0.0.2") == 429)
            #expect(try await post(from: "127.0.0.3") == 303)
        }

        @Test(arguments: kinds)
        func nodeThatIsAway_hasAPageThatSaysSo(_ kind: TestProxy.Kind) async throws {
            let node = try await TestNode.start(arguments: Self.trusting)
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort])
            _ = try await node.stop()
            try await eventually("the proxy notices", within: .seconds(10)) {
                let page = try await proxy.http.get("/tweets", headers: ["Host": TestProxy.name])
                guard (502...504).contains(page.status) else { return false }
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["retry-after"] == "5")
                #expect(page.headers["access-control-allow-origin"] == "*")
                #expect(page.body.contains("Try again in a few seconds"), "\(page.body)")
                return true
            }
        }

        @Test(arguments: kinds.filter { $0 != .caddy })
        func overTLS_theProxySpeaksHTTP2(_ kind: TestProxy.Kind) async throws {
            let node = try await TestNode.start(arguments: Self.trusting)
            let tls = try FreePort.tcp()
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort], tls: tls)
            // Prints what was agreed on; the end of the input ends it.
            let client = try TestProcess(
                Binaries.installed("openssl"), ["s_client", "-alpn", "h2,http/1.1", "-connect", "127.0.0.1:\(tls)"],
                environment: node.site.environment, input: [])
            let agreed = await client.standardOutput.first(within: .seconds(10)) { $0.hasPrefix("ALPN protocol") }
            #expect(agreed?.element == "ALPN protocol: h2", "\(client.transcript)\n\(proxy.process.transcript)")
        }

        @Test(arguments: kinds)
        func page_isSmallOverTheWire_andKnownAgain(_ kind: TestProxy.Kind) async throws {
            let node = try await TestNode.start(arguments: Self.trusting)
            var random = SystemRandomNumberGenerator()
            let words = "the wall nobody owns signed public messages every node listens keeps shows light rain tomorrow"
                .split(
                    separator: " ")
            let lines = (1...50).map { number in
                let picked = (0..<20).compactMap { _ in words.randomElement(using: &random) }
                return "\(number) " + picked.joined(separator: " ")
            }
            // Ten authors, each with a name.
            for author in 0..<10 {
                let key = ["--key", "author-\(author)"]
                let input = Array(lines[(author * 5)...].prefix(5).joined(separator: "\n").utf8)
                let name = ["name", "Somebody Else the \(author)th"]
                try await node.run(
                    [["key", "new", key[1]], name + key, ["send", "--lines", "-"] + key], input: input)
            }
            let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort])
            let plain = try await node.http.get("/tweets")
            #expect(plain.bytes.count <= 60_000, "\(plain.bytes.count) bytes of HTML")
            var headers = ["Host": TestProxy.name, "Accept-Encoding": "gzip"]
            let packed = try await proxy.http.get("/tweets", headers: headers)
            #expect(packed.headers["content-encoding"] == "gzip")
            #expect(packed.bytes.count <= 15_000, "\(packed.bytes.count) bytes over the wire")
            headers["If-None-Match"] = packed.headers["etag"] ?? ""
            let again = try await proxy.http.get("/tweets", headers: headers)
            #expect(again.status == 304, "\(headers)")
        }

        /// All at once: it takes a minute.
        @Test func liveEvents_stayOpenThroughASilentMinute() async throws {
            let base = Self.elsewhere
            let node = try await TestNode.start(arguments: Self.trusting + ["--base-path", base])
            try await node.awaitFeed(under: base)
            var streams: [(kind: TestProxy.Kind, proxy: TestProxy, events: HTTPClient.EventStream)] = []
            for kind in Self.kinds {
                let proxy = try await TestProxy.start(kind, in: node.site, renderers: [node.httpPort])
                let events = try await proxy.http.events("\(base)/events", headers: ["Host": TestProxy.name])
                #expect(events.response.status == 200, "\(kind): \(events.response.headers)")
                #expect(await events.firstID(within: .seconds(10)) != nil, "\(kind) hands it on at once")
                streams.append((kind, proxy, events))
            }
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(62) {
                try await letTimePass(.seconds(1))
                for (kind, _, events) in streams {
                    try #require(events.isOpen, "\(kind), after \(ContinuousClock.now - start)")
                }
            }
            let id = try await node.send("after a silent minute")
            for (kind, proxy, events) in streams {
                let event = await events.first(within: .seconds(5)) { $0.data.contains(id) }
                #expect(event != nil, "\(kind)")
                #expect(events.isOpen, "\(kind): \(proxy.process.transcript)")
            }
        }
    }
}
