import Messages
import TestSupport

/// Letters that become eighteen when they are made comparable.
enum Ligatures: Attack {
    static let name = "ligatures"
    static let abstract = "messages of 290 times U+FDFA, each of which is folded into eighteen letters for searches."
    static let place = 4
    static let rate = 20.0

    /// Bytes that one may take beyond a plain message of its length: its words are twice as long as its text, not once, and
    /// stand in a column and in the index.
    private static let excess = 2 * 280 * 3
    private static let samples = 400

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        let ligatures = String(repeating: "\u{FDFA}", count: 280)
        // Measured before anybody else writes, and so many that the pages of the file count and not their fill.
        let plain = String(repeating: "plain words ", count: 70)
        var sizes: [Int] = []
        for text in [plain, ligatures] {
            let before = try await victim.summary().bytes
            try await victim.keep(
                (0..<samples).map { try author.sign("\(text) \($0)", channel: .tweets, at: Timestamp.now) })
            sizes.append(Int(try await victim.summary().bytes - before) / samples)
        }
        let grown = sizes
        return { end in
            var (taken, sent): (Portion, Int) = (Portion(), 0)
            while ContinuousClock.now < end {
                sent += 1
                let message = try author.sign("\(ligatures) \(sent)", channel: .tweets, at: Timestamp.now)
                taken.note(await victim.publish(message))
                try await letTimePass(.seconds(1 / ground.rate))
            }
            return [
                Check("bytes of a plain message of that length", "\(grown[0])"),
                Check("bytes of a message of ligatures", grown[1], atMost: grown[0] + excess),
                Check("of them stored", taken.summary),
            ]
        }
    }
}
