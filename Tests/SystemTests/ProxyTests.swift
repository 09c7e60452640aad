import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The wall behind a real nginx with the configuration that operators copy.
    @Suite("Behind nginx", .timeLimit(.minutes(1)))
    struct ProxyTests {
        @Test func page_postAndLiveEvents_workThroughTheProxy() async throws {
            let node = try await TestNode.start()
            let proxy = try await TestProxy.start(in: node.site, renderers: [node.httpPort])

            let empty = try await proxy.http.get("/tweets", headers: ["Host": TestProxy.name])
            #expect(empty.status == 200)
            let last = empty.body.firstMatch(of: /data-last="([^"]*)"/).map { String($0.1) }
            let events = try await proxy.http.events("/events")
            #expect(events.response.status == 200)
            #expect(events.response.headers["content-type"]?.hasPrefix("text/event-stream") ?? false)

            let http = proxy.http
            async let heard = http.event("/events", after: last, within: .seconds(10)) {
                $0.data.contains("through the proxy")
            }
            let start = ContinuousClock.now
            let id = try await node.send("through the proxy")
            let event = try await heard
            #expect(event.data.contains(id))
            #expect(ContinuousClock.now - start < .seconds(2), "the event passes the proxy unbuffered")

            let page = try await proxy.http.get("/tweets", headers: ["Host": TestProxy.name])
            #expect(page.status == 200)
            #expect(page.body.contains("through the proxy"))

            let host = ["Host": TestProxy.name, "Origin": "http://\(TestProxy.name)"]
            let posted = try await proxy.http.post("/send", form: ["message": "posted behind nginx"], headers: host)
            #expect((200..<400).contains(posted.status), "\(posted.status) \(posted.body.prefix(200))")
            try await eventually("the post is on the wall", within: .seconds(5)) {
                try await node.page().contains("posted behind nginx")
            }
            let foreign = ["Host": TestProxy.name, "Origin": "http://elsewhere.example"]
            #expect(try await proxy.http.post("/send", form: ["message": "no"], headers: foreign).status == 403)
        }
    }
}
