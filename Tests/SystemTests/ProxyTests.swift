import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The wall behind a real nginx with the configuration that operators copy.
    @Suite("Behind nginx", .timeLimit(.minutes(1)))
    struct ProxyTests {
        @Test func page_postAndLiveEvents_workThroughTheProxy() async throws {
            let node = try await TestNode.start()
            let proxy = try await Proxy.start(for: node)

            let empty = try await proxy.http.get("/tweets", headers: ["Host": Proxy.name])
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

            let page = try await proxy.http.get("/tweets", headers: ["Host": Proxy.name])
            #expect(page.status == 200)
            #expect(page.body.contains("through the proxy"))

            let host = ["Host": Proxy.name, "Origin": "http://\(Proxy.name)"]
            let posted = try await proxy.http.post("/send", form: ["message": "posted behind nginx"], headers: host)
            #expect((200..<400).contains(posted.status), "\(posted.status) \(posted.body.prefix(200))")
            try await eventually("the post is on the wall", within: .seconds(5)) {
                try await node.page().contains("posted behind nginx")
            }
            let foreign = ["Host": Proxy.name, "Origin": "http://elsewhere.example"]
            #expect(try await proxy.http.post("/send", form: ["message": "no"], headers: foreign).status == 403)
        }
    }
}

/// nginx as a child of the test, with `compose/nginx.conf` on free ports.
private struct Proxy {
    static let name = "wall.example.org"
    let process: TestProcess
    let http: HTTPClient

    static func start(for node: TestNode) async throws -> Proxy {
        let port = try FreePort.tcp()
        let folder = node.site.directory
        let shipped = try String(contentsOfFile: Binaries.packageRoot + "/compose/nginx.conf", encoding: .utf8)
        let site =
            shipped
            .replacingOccurrences(of: "listen 80;", with: "listen 127.0.0.1:\(port);")
            .replacingOccurrences(of: "listen [::]:80;", with: "")
            .replacingOccurrences(of: "server 127.0.0.1:8080;", with: "server 127.0.0.1:\(node.httpPort);")
        try folder.write(site, to: "site.conf")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder.file("nginx-" + $0));"
        }
        let main = """
            daemon off;
            \(geteuid() == 0 ? "user root;" : "")
            worker_processes 1;
            pid \(folder.file("nginx.pid"));
            error_log stderr;
            events {}
            http { access_log off; \(temporary.joined(separator: " ")) include \(folder.file("site.conf")); }
            """
        let file = try folder.write(main, to: "nginx.conf")
        let process = try TestProcess(
            try nginx(), ["-p", folder.path, "-c", file], environment: node.site.environment)
        let http = HTTPClient(.tcp(port: port))
        try await eventually("nginx answers; \(process.transcript)", within: .seconds(10)) {
            try await http.get("/livez").status == 200
        }
        return Proxy(process: process, http: http)
    }

    private static func nginx() throws -> String {
        let places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else { throw SystemError("nginx") }
        return found
    }
}
