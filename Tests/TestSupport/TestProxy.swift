import Foundation

/// nginx as a child of the test, with `compose/nginx.conf` on free ports.
public struct TestProxy: Sendable {
    /// The name that the shipped configuration serves.
    public static let name = "wall.example.org"
    public let process: TestProcess
    public let http: HTTPClient

    /// Starts nginx and waits until it answers.
    ///
    /// - Parameter renderers: ports of 127.0.0.1, one for each renderer behind it.
    public static func start(in site: TestSite, renderers: [UInt16]) async throws -> TestProxy {
        let port = try FreePort.tcp()
        let file = try writeConfiguration(in: site.directory, port: port, renderers: renderers)
        let process = try TestProcess(
            try Binaries.installed("nginx"), ["-p", site.directory.path, "-c", file], environment: site.environment)
        let http = HTTPClient(.tcp(port: port))
        try await eventually("nginx answers; \(process.transcript)", within: .seconds(10)) {
            try await http.get("/livez").status == 200
        }
        return TestProxy(process: process, http: http)
    }

    /// The shipped file with other ports, and a main configuration around it.
    private static func writeConfiguration(
        in folder: TemporaryDirectory, port: UInt16, renderers: [UInt16]
    ) throws -> String {
        let shipped = try String(contentsOfFile: Binaries.packageRoot + "/compose/nginx.conf", encoding: .utf8)
        let servers = shipped.split(separator: "\n").filter { $0.contains("server 127.0.0.1:8080") }
        guard let server = servers.first, servers.count == 1 else {
            throw NotInTime("compose/nginx.conf names no renderer at 127.0.0.1:8080, or several")
        }
        let upstream = renderers.map { server.replacingOccurrences(of: ":8080", with: ":\($0)") }
        let site =
            shipped
            .replacingOccurrences(of: "listen 80;", with: "listen 127.0.0.1:\(port);")
            .replacingOccurrences(of: "listen [::]:80;", with: "")
            .replacingOccurrences(of: server, with: upstream.joined(separator: "\n"))
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
        return try folder.write(main, to: "nginx.conf")
    }
}
