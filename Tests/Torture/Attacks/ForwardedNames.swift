import TestSupport

/// What a proxy says, or does not say, of a visitor.
enum ForwardedNames: Attack {
    static let name = "forwarded"
    static let abstract = "posts through a proxy that names nobody, or only addresses of a trusted network."
    static let place = 2
    static let flags = ["--trusted-proxy", "10.0.0.0/8"]

    private static let posts = 60
    /// What one visitor may post at once, and what comes back in a minute.
    private static let strict = 45

    static func prepare(on ground: Ground) async throws -> Strike {
        let (http, port) = (ground.victim.http, ground.victim.node.httpPort)
        @Sendable func post(_ forwarded: String?) async throws -> Int {
            var headers = ["Origin": "http://127.0.0.1:\(port)"]
            headers["X-Forwarded-For"] = forwarded
            return try await http.post("/send", form: ["message": "forwarded"], headers: headers).status
        }
        return { _ in
            var checks: [Check] = []
            for forwarded in [nil, "10.1.2.3", "127.0.0.1", "10.1.2.3, 10.4.5.6"] as [String?] {
                var taken = 0
                for _ in 0..<posts {
                    if try await post(forwarded) == 303 { taken += 1 }
                }
                checks.append(Check("posts taken of \(forwarded ?? "nobody")", taken, atMost: strict))
            }
            let visitor = try await post("203.0.113.99")
            return checks + [
                Check("a visitor with an address", "status \(visitor)", goal: "status 303", holds: visitor == 303)
            ]
        }
    }
}
