import BusClient
import Messages
import TestSupport

/// A place where this node's operator sees nothing, in the node's name.
enum UnkeptChannel: Attack {
    static let name = "unkept"
    static let abstract = "posts on the page into a channel that the node does not keep."
    static let nodes = 2
    static let place = 3

    static func prepare(on ground: Ground) async throws -> Strike {
        guard let other = ground.others.first else { throw NotInTime("one node alone") }
        let (victim, attic) = (ground.victim, try Channel("attic-\(UInt32.random(in: 0...UInt32.max))"))
        let heard = Mailbox<String>()
        let listening = Task {
            for await case .message(let message, _) in other.client.follow(channels: [attic]) {
                heard.append(message.text)
            }
        }
        // Where the command line's messages arrive, the page's would too.
        let author = Identity.generate(.ed25519)
        try await eventually("a message of the command line is heard elsewhere", within: .seconds(20)) {
            let message = try author.sign("from the command line \(Timestamp.now)", channel: attic, at: Timestamp.now)
            _ = try await victim.client.publish(message, acks: 0, timeout: .seconds(2))
            return await heard.first(within: .seconds(1)) { $0 == message.text } != nil
        }
        return { end in
            defer { listening.cancel() }
            let mark = heard.count
            var refused = Portion()
            while ContinuousClock.now < end {
                let port = victim.node.httpPort
                let headers = ["Origin": "http://127.0.0.1:\(port)", "X-Forwarded-For": "203.0.113.70"]
                let signed = try author.sign("signed \(refused.all)", channel: attic, at: Timestamp.now)
                let form = ["message": "unseen \(refused.all)", "channel": attic.name]
                let answers = [
                    try? await victim.http.post("/send", form: form, headers: headers).status,
                    try? await victim.http.post("/api/messages", json: signed.json(), headers: headers).status,
                ]
                for status in answers { refused.note(status: status, (400..<500).contains) }
                try await letTimePass(.seconds(2 / ground.rate))
            }
            try await letTimePass(.seconds(2))
            let seen = heard.all.dropFirst(mark)
            return [
                Check("posts that are refused", refused), Check("posts that others saw", seen.count, atMost: 0),
            ]
        }
    }
}
