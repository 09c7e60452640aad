import Foundation

/// A reverse proxy as a child of the test, with the configuration from `compose/` on free ports.
public struct TestProxy: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case nginx, haproxy, caddy

        /// Nil where the machine has no such program. `Tests/run` installs them.
        var program: String? {
            let ownCopy = Binaries.packageRoot + "/.build/tools/" + rawValue
            return access(ownCopy, X_OK) == 0 ? ownCopy : try? Binaries.installed(rawValue)
        }

        public var isInstalled: Bool { program != nil }
    }

    /// The name that the shipped configurations serve.
    public static let name = "wall.example.org"
    public let process: TestProcess
    public let port: UInt16
    public var http: HTTPClient { HTTPClient(.tcp(port: port)) }

    /// Starts the proxy and waits until it answers.
    ///
    /// - Parameters:
    ///   - renderers: ports of 127.0.0.1, one for each renderer behind it.
    ///   - tls: a port at which it also speaks TLS, with a certificate of its own.
    ///   - isLimited: whether a visitor may ask no more than the examples allow; tests are faster than people.
    ///   - caches: whether it keeps whatever it may, as an operator may set it up: nginx only, which says in `X-Cache` what
    ///     came out of the cache.
    ///   - path: one that a renderer answers with 200.
    public static func start(
        _ kind: Kind = .nginx, in site: TestSite, renderers: [UInt16], tls: UInt16? = nil,
        isLimited: Bool = false, caches: Bool = false, probing path: String = "/livez"
    ) async throws -> TestProxy {
        guard let program = kind.program else { throw SystemError(kind.rawValue) }
        let port = try FreePort.tcp()
        let folder = site.directory.file("\(kind)-\(port)")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if tls != nil { try await makeCertificate(in: folder, environment: site.environment) }
        let arguments = try kind.arguments(
            in: folder, port: port, tls: tls, renderers: renderers, isLimited: isLimited, caches: caches)
        let environment = ["HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder]
        let process = try TestProcess(
            program, arguments, environment: site.environment.merging(environment) { _, own in own })
        let proxy = TestProxy(process: process, port: port)
        try await eventually("\(kind) answers; \(process.transcript)", within: .seconds(10)) {
            try await proxy.http.get(path, headers: ["Host": name]).status == 200
        }
        return proxy
    }

    /// `key.pem` and `certificate.pem`; `both.pem` holds the two.
    private static func makeCertificate(in folder: String, environment: [String: String]) async throws {
        let openssl = try TestProcess(
            Binaries.installed("openssl"),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-keyout", folder + "/key.pem", "-out", folder + "/certificate.pem",
            ], environment: environment)
        guard try await openssl.waitForExit(within: .seconds(20)) == .status(0) else {
            throw NotInTime("no certificate: \(openssl.transcript)")
        }
        let parts = try ["key.pem", "certificate.pem"].map {
            try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
        }
        try parts.joined().write(toFile: folder + "/both.pem", atomically: true, encoding: .utf8)
    }
}

extension TestProxy.Kind {
    /// Writes the shipped configuration with other ports, and says how the program is started with it.
    fileprivate func arguments(
        in folder: String, port: UInt16, tls: UInt16?, renderers: [UInt16], isLimited: Bool, caches: Bool
    ) throws -> [String] {
        switch self {
        case .nginx:
            var site = try shipped("nginx.conf", renderers, each: "    server 127.0.0.1:8080 max_fails=0;\n")
                .replacingOccurrences(of: "listen 80;", with: "listen 127.0.0.1:\(port);")
                .replacingOccurrences(of: "listen [::]:80;", with: "")
            if !isLimited { site = try unlimited(site, "rate=[0-9]+r/s", "rate=100000r/s") }
            if let tls {
                let certificates = "/etc/letsencrypt/live/\(TestProxy.name)"
                site = try uncommented(["listen 443 ssl http2;", "ssl_certificate ", "ssl_certificate_key "], in: site)
                    .replacingOccurrences(of: "listen 443 ssl", with: "listen 127.0.0.1:\(tls) ssl")
                    .replacingOccurrences(of: "\(certificates)/fullchain.pem", with: "\(folder)/certificate.pem")
                    .replacingOccurrences(of: "\(certificates)/privkey.pem", with: "\(folder)/key.pem")
            }
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
                "\($0)_temp_path \(folder)/\($0);"
            }
            let cache = """
                proxy_cache_path \(folder)/cache keys_zone=wall:1m; proxy_cache wall; proxy_cache_valid any 10m;
                proxy_cache_use_stale error timeout updating; proxy_cache_background_update on;
                add_header X-Cache $upstream_cache_status;
                """
            let main = """
                daemon off;
                \(geteuid() == 0 ? "user root;" : "")
                worker_processes 1;
                pid \(folder)/nginx.pid;
                error_log stderr;
                events {}
                http { access_log off; \(temporary.joined(separator: " ")) \(caches ? cache : "") include \(folder)/site.conf; }
                """
            try site.write(toFile: folder + "/site.conf", atomically: true, encoding: .utf8)
            return ["-p", folder, "-c", try write(main, in: folder)]
        case .haproxy:
            let line = "    server renderer1 127.0.0.1:8080 check inter 1s fall 2 rise 1\n"
            var site = try shipped("haproxy.cfg", renderers, each: line, counting: "renderer1")
                .replacingOccurrences(of: "bind :80\n", with: "bind 127.0.0.1:\(port)\n")
            if !isLimited {
                site = try unlimited(site, "req_rate gt [0-9]+", "req_rate gt 1000000")
            }
            if let tls {
                site = try uncommented(["bind :443 ssl "], in: site)
                    .replacingOccurrences(of: "bind :443", with: "bind 127.0.0.1:\(tls)")
                    .replacingOccurrences(of: "/etc/haproxy/certs/", with: folder + "/both.pem")
            }
            return ["-db", "-f", try write("global\n    maxconn 500\n\n" + site, in: folder)]
        case .caddy:
            let site = try shipped("Caddyfile", renderers, each: " 127.0.0.1:8080")
                .replacingOccurrences(of: "\(TestProxy.name) {", with: "http://:\(port) {\n\tbind 127.0.0.1")
                .replacingOccurrences(of: "\n{\n", with: "\n{\n\tadmin off\n\tauto_https off\n")
            return ["run", "--adapter", "caddyfile", "--config", try write(site, in: folder)]
        }
    }

    /// A file of `compose/` with the part that names the renderer at port 8080 once for each renderer.
    private func shipped(
        _ file: String, _ renderers: [UInt16], each part: String, counting name: String? = nil
    ) throws -> String {
        let text = try String(contentsOfFile: Binaries.packageRoot + "/compose/" + file, encoding: .utf8)
        guard text.components(separatedBy: part).count == 2 else {
            throw NotInTime("compose/\(file) does not name its renderer by “\(part)”, once")
        }
        let parts = renderers.enumerated().map { index, port in
            let numbered = name.map { part.replacingOccurrences(of: $0, with: "renderer\(index + 1)") } ?? part
            return numbered.replacingOccurrences(of: ":8080", with: ":\(port)")
        }
        return text.replacingOccurrences(of: part, with: parts.joined())
    }

    /// The limit of a visitor and that of a site.
    private func unlimited(_ text: String, _ limit: String, _ none: String) throws -> String {
        let matches = try NSRegularExpression(pattern: limit)
            .numberOfMatches(in: text, range: NSRange(text.startIndex..., in: text))
        guard matches == 2 else { throw NotInTime("compose/ has \(matches) limits “\(limit)”, not two") }
        return text.replacingOccurrences(of: limit, with: none, options: .regularExpression)
    }

    /// What the operator is told to uncomment.
    private func uncommented(_ lines: [String], in text: String) throws -> String {
        try lines.reduce(text) { text, line in
            guard text.components(separatedBy: "# " + line).count == 2 else {
                throw NotInTime("compose/ has no comment “\(line)”, once")
            }
            return text.replacingOccurrences(of: "# " + line, with: line)
        }
    }

    private func write(_ text: String, in folder: String) throws -> String {
        let file = folder + "/configuration"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}
