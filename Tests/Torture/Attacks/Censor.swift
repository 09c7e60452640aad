import Messages
import TestSupport

/// A bound for a channel's bytes as a way to get rid of what others wrote.
enum Censor: Attack {
    static let name = "censor"
    static let abstract = "with --keep tweets=1MB, 1,400 messages dated 14.8 minutes ahead in 1.6 s, again and again."
    static let place = 2
    static let flags = ["--keep", "tweets=1MB"]
    static let rate = 875.0
    static let size = 1_400

    private static let lead: Int64 = 888_000
    /// Between two waves.
    private static let pause = Duration.seconds(10)

    static func prepare(on ground: Ground) async throws -> Strike {
        let victim = ground.victim
        let author = Identity.generate(.ed25519)
        let before = try (0..<50).map { try author.sign("before \($0)", channel: .tweets, at: Timestamp.now - 60_000) }
        for message in before {
            if let trouble = await victim.publish(message) { throw NotInTime("an honest message: \(trouble)") }
        }
        return { end in
            let liars = (0..<100).map { _ in Identity.generate(.ed25519) }
            let text = String(repeating: "push ", count: 160)
            let count = Numbering()
            while ContinuousClock.now < end {
                let wave = min(end, .now + .seconds(Double(ground.size) / ground.rate))
                _ = try await ground.pour(until: wave) {
                    let number = count.next()
                    return try liars[number % liars.count].sign(
                        "\(text)\(number)", channel: .tweets, at: Timestamp.now + lead
                    ).signals
                }
                try await letTimePass(min(pause, max(.zero, ContinuousClock.now.duration(to: end))))
            }
            var kept = Portion()
            for message in before { kept.note(await victim.has(message.id)) }
            let after = await victim.publish(try author.sign("after", channel: .tweets, at: Timestamp.now))
            return [
                Check("messages of before that are still there", kept),
                Check("a message sent afterwards", after ?? "stored", goal: "stored", holds: after == nil),
                Check("messages that wanted to push them out", "\(count.count)"),
            ]
        }
    }
}
