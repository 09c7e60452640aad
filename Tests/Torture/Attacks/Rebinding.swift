import TestSupport

/// A page elsewhere whose name leads to this machine.
enum Rebinding: Attack {
    static let name = "rebinding"
    static let abstract =
        "posts with Host and Origin of one foreign name (DNS rebinding), from a browser on the machine."
    static let place = 2
    static let rate = 100.0

    static func prepare(on ground: Ground) async throws -> Strike {
        let port = ground.victim.node.httpPort
        // The visitor is on this machine and no proxy.
        let browser = HTTPClient(.tcp(port: port, from: "127.0.0.2"))
        @Sendable func post(_ text: String, at name: String) async throws -> HTTPResponse {
            try await browser.post(
                "/send", form: ["message": text], headers: ["Host": name, "Origin": "http://\(name)"])
        }
        return { end in
            var (taken, sent, answer) = (0, 0, "")
            while ContinuousClock.now < end {
                sent += 1
                let response = try await post("rebound \(sent)", at: "evil.example")
                if response.status < 400 { taken += 1 }
                answer = response.body
                try await letTimePass(.seconds(1 / ground.rate))
            }
            var own = Portion()
            for name in ["127.0.0.1:\(port)", "localhost:\(port)"] {
                let status = try await post("of the machine's own page", at: name).status
                own.note(status == 303 ? nil : "\(name): status \(status)")
            }
            let isNamed = answer.contains("--public-name")
            return [
                Check("messages in the node's name, of \(sent)", taken, atMost: 0),
                Check("the refusal names the flag", isNamed ? "yes" : "no", goal: "yes", holds: isNamed),
                Check("posts at localhost and an address", own),
            ]
        }
    }
}
