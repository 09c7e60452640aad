import Messages
import TestSupport

/// Somebody who is refused here and uses this node all the same.
enum BlockedAuthor: Attack {
    static let name = "blocked"
    static let abstract = "an author whom the operator has blocked posts signed messages to /api/messages."
    static let nodes = 2
    static let place = 3

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        try await victim.node.run([["block", author.publicKey.text]])
        return { end in
            var refused = Portion()
            var sent: [MessageID] = []
            while ContinuousClock.now < end {
                let message = try author.sign("blocked \(sent.count)", channel: .tweets, at: Timestamp.now)
                sent.append(message.id)
                let status = try? await victim.http.post(
                    "/api/messages", json: message.json(), headers: ["X-Forwarded-For": "203.0.113.71"]
                ).status
                refused.note(status: status, [403, 429].contains)
                try await letTimePass(.seconds(1 / ground.rate))
            }
            try await letTimePass(.seconds(3))
            var elsewhere = 0
            for id in sent {
                for node in ground.others where await node.has(id) { elsewhere += 1 }
            }
            return [Check("posts that are refused", refused), Check("of them on other walls", elsewhere, atMost: 0)]
        }
    }
}
