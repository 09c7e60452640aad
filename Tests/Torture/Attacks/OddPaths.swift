import TestSupport

/// Requests that a proxy and the node may read differently.
enum OddPaths: Attack {
    static let name = "paths"
    static let abstract = "//metrics, /metrics/, /%6detrics, two Host, none."
    static let place = 0

    /// Each with what may be answered.
    private static func requests(_ port: UInt16) -> [(name: String, head: String, allowed: [Int])] {
        let host = "Host: 127.0.0.1:\(port)\r\n"
        return ["/metrics", "//metrics", "/metrics/", "/%6detrics", "/./metrics", "/tweets/../metrics"].map {
            ($0, "GET \($0) HTTP/1.1\r\n\(host)", [400, 404])
        } + [
            ("two Host", "GET /tweets HTTP/1.1\r\n\(host)Host: evil.example\r\n", [400]),
            ("no Host", "GET /tweets HTTP/1.1\r\n", [400]),
        ]
    }

    static func prepare(on ground: Ground) async throws -> Strike {
        let port = ground.victim.node.httpPort
        return { end in
            var answers: [String: Portion] = [:]
            while ContinuousClock.now < end {
                for (name, head, allowed) in requests(port) {
                    let bytes = try await onThread {
                        let peer = try RawPeer(tcp: port)
                        peer.send(Array((head + "Connection: close\r\n\r\n").utf8))
                        return peer.read(within: .seconds(5)).bytes
                    }
                    // On a machine that all attackers share one may come too late, but never all.
                    if bytes.isEmpty, ground.isCrowded { continue }
                    let words = String(decoding: bytes.prefix(64), as: UTF8.self).split(separator: " ")
                    let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
                    answers[name, default: Portion()].note(allowed.contains(status) ? nil : "status \(status)")
                }
                try await letTimePass(.seconds(1 / ground.rate))
            }
            return requests(port).map(\.name).sorted().map { name in
                let portion = answers[name, default: Portion()]
                let wrong =
                    portion.all == 0 ? "no answer" : portion.reasons.keys.sorted().joined(separator: ", ")
                return Check(
                    name, wrong.isEmpty ? "refused" : wrong, goal: "refused", holds: wrong.isEmpty)
            }
        }
    }
}
