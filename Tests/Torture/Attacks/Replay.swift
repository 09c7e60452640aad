import Messages
import TestSupport

/// What an author once wrote, again, so that nothing is left of the author's rate.
enum Replay: Attack {
    static let name = "replay"
    static let abstract =
        "valid messages of an author again, stored ones and ones older than --keep, while new ones come."
    static let place = 5
    static let flags = ["--keep", "2d"]
    static let rate = 1_000.0
    static let size = 5_000

    /// Between two new messages.
    private static let pause = Duration.milliseconds(500)

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        let (day, now) = (Int64(86_400_000), Timestamp.now)
        let old = try (0..<ground.size).map {
            try author.sign("of old \($0)", channel: .tweets, at: now - 3 * day + Int64($0))
        }
        let stored = try (0..<ground.size).map {
            try author.sign("of yesterday \($0)", channel: .tweets, at: now - day + Int64($0))
        }
        try await victim.keep(stored)
        let messages = (stored + old).map(\.signals)
        let neighbour = try Neighbour(of: victim, number: 200)
        return { end in
            let count = Numbering()
            let usedUp = ContinuousClock.now + .seconds(Double(ground.size) / ground.rate)
            let end = max(end, usedUp + pause * 10)
            async let tally = ground.pour(until: end) {
                let number = count.next()
                return messages[number % messages.count]
            }
            // The rate is used up before the first new one comes.
            try await letTimePass(ContinuousClock.now.duration(to: usedUp))
            let stored = try await withThrowingTaskGroup(of: Bool.self) { group in
                var number = 0
                while ContinuousClock.now < end {
                    number += 1
                    let message = try author.sign("new \(number)", channel: .tweets, at: Timestamp.now)
                    group.addTask {
                        await neighbour.send(message)
                        return await victim.gets(message.id, within: .seconds(5))
                    }
                    try await letTimePass(pause)
                }
                return try await group.reduce(into: Portion()) { $0.note($1) }
            }
            return [
                Check("replayed", "\(try await tally.sent)"), Check("new messages of the author stored", stored),
            ]
        }
    }
}
