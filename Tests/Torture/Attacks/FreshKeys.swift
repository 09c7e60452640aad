import Messages
import TestSupport

/// Keys cost nothing, so that a limit for each is none.
enum FreshKeys: Attack {
    static let name = "fresh-keys"
    static let abstract = "one source at its allowed 1,000 messages a second, each with a key of its own."
    static let place = 4
    static let rate = 1_000.0

    /// Of all new strangers together, messages a second, and at once.
    private static let (strangers, burst) = (200.0, 400.0)
    /// Bytes that a second of strangers may take on the disk, beside a log of the store's that has not been merged yet.
    private static let (bytes, log) = (1_000_000, 16 << 20)

    static func prepare(on ground: Ground) async throws -> Strike {
        let victim = ground.victim
        return { end in
            let (before, disk, start) = (try await victim.summary(), victim.diskBytes, ContinuousClock.now)
            let tally = try await ground.pour(until: end) {
                let text = "a stranger, about as long as what people write on a wall"
                return try Identity.generate(.ed25519).sign(text, channel: .tweets, at: Timestamp.now).signals
            }
            let seconds = start.duration(to: .now).seconds
            let authors = Int(try await victim.summary().authors - before.authors)
            return [
                Check("sent", "\(tally.sent), \(Int(Double(tally.sent) / seconds)) a second"),
                Check("strangers stored", authors, atMost: Int(strangers * seconds + burst)),
                Check(
                    "bytes on the disk", victim.diskBytes - disk, atMost: log + Int(Double(bytes) * seconds)),
            ]
        }
    }
}
