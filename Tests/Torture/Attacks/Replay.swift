import Foundation
import Messages
import TelehashWire
import TestSupport

/// What an author once wrote, again, so that nothing is left of the author's rate.
enum Replay: Attack {
    static let name = "replay"
    static let abstract = "an author's valid messages that --keep has dropped come again while new ones are written."
    static let place = 2
    static let flags = Censor.flags
    static let rate = 1_000.0
    /// So many that more than an author's burst of 4,000 are dropped. Debug builds sign ten times slower, and the author is new
    /// here, whose burst is 20.
    #if DEBUG
    private static let amount = 3_000
    #else
    private static let amount = 9_000
    #endif
    /// Of them, what uses it up at once, and how often a second the others come, so that nothing grows back.
    private static let (burst, drip) = (amount / 2, 150.0)
    /// Between two new messages: an author who is new may write once a second.
    private static let pause = Duration.milliseconds(1_400)

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        let long = Timestamp.now - 3 * 86_400_000
        let text = String(repeating: "again ", count: 100)
        let old = try (0..<amount).map {
            try author.sign("\(text)\($0)", channel: .tweets, at: long + Int64($0))
        }
        try await victim.keep(old)
        // A receiver that starts looks at once at what is too much.
        for pid in victim.processes("p2pmsg-receiver") { kill(pid, SIGTERM) }
        try await eventually("most of them are dropped", within: .seconds(60), every: .milliseconds(200)) {
            try await victim.summary().messages < amount / 3
        }
        let dropped = old.prefix(amount * 2 / 3).map(\.signals)
        try await ground.introduce(author, to: [victim])
        let neighbour = try Neighbour(of: victim, number: 200)
        return { end in
            let count = Numbering()
            let next: @Sendable () -> Signals = { dropped[(count.next() - 1) % dropped.count] }
            // All of it, however little else is done in a second.
            _ = try await ground.pour(until: .now + .seconds(60), rate: Self.rate) {
                count.count < burst ? next() : nil
            }
            let end = max(end, .now + pause * 10)
            async let rest = ground.pour(until: end, rate: drip, next)
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
                Check("replayed", "\(try await rest.sent + burst)"), Check("new messages of the author stored", stored),
            ]
        }
    }
}
