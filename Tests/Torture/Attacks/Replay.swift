import Messages
import TestSupport

/// What an author once wrote, again, so that nothing is left of the author's rate.
enum Replay: Attack {
    static let name = "replay"
    static let abstract = "old valid messages of an author, older than --keep, while the author writes new ones."
    static let place = 5
    static let flags = ["--keep", "2d"]
    static let rate = 1_000.0
    static let size = 5_000

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        let old = Timestamp.now - 3 * 86_400_000
        let messages = try (0..<ground.size).map {
            try author.sign("of old \($0)", channel: .tweets, at: old + Int64($0)).signals
        }
        let neighbour = try Neighbour(of: victim, number: 200)
        return { end in
            let count = Numbering()
            async let tally = ground.pour(until: end) {
                let number = count.next()
                return messages[number % messages.count]
            }
            // The rate is used up before the first new one comes.
            try await letTimePass(.seconds(Double(ground.size) / ground.rate / 2))
            var stored = Portion()
            repeat {
                let message = try author.sign("new \(stored.all)", channel: .tweets, at: Timestamp.now)
                async let sent: Void = neighbour.send(message)
                stored.note(await victim.gets(message.id, within: .seconds(5)))
                await sent
            } while ContinuousClock.now < end
            return [
                Check("replayed", "\(try await tally.sent)"), Check("new messages of the author stored", stored),
            ]
        }
    }
}
