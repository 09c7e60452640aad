import Messages
import TestSupport

/// The top of every page, for messages of a clock that is ahead by just what is allowed.
enum Ahead: Attack {
    static let name = "ahead"
    static let abstract = "fifty messages dated 14.8 minutes ahead, renewed every 15 minutes, want to own page one."
    static let place = 1

    private static let count = 50
    /// Milliseconds.
    private static let (lead, renewal): (Int64, Int64) = (888_000, 900_000)
    private static let mark = "ahead of its time"
    private static let lists = ["/tweets", "/feed.atom", "/feed.json", "/api/messages"]

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, honest) = (ground.victim, Identity.generate(.ed25519))
        // Several, so that no rate of one keeps them away.
        let liars = (0..<3).map { _ in Identity.generate(.ed25519) }
        return { end in
            var (seen, isTold, renewed): (Portion, Bool, Int64) = (Portion(), false, 0)
            while ContinuousClock.now < end {
                if Timestamp.now - renewed > renewal {
                    renewed = Timestamp.now
                    let messages = try (0..<count).map {
                        try liars[$0 % liars.count].sign("\(mark) \($0)", channel: .tweets, at: renewed + lead)
                    }
                    try await ground.say(messages)
                    if let last = messages.last { _ = await victim.gets(last.id) }
                }
                let text = "of the right clock \(Timestamp.now)"
                guard await victim.publish(try honest.sign(text, channel: .tweets, at: Timestamp.now)) == nil else {
                    seen.note("not stored")
                    continue
                }
                for list in lists {
                    let isThere = try? await eventually(list, within: .seconds(2)) { () -> Bool? in
                        isAbove(text, in: try await victim.get(list).body) ? true : nil
                    }
                    seen.note(isThere == nil ? "not on top of \(list)" : nil)
                }
                let page = try await victim.get("/tweets").body.lowercased()
                isTold = isTold || page.contains("clock ahead")
                try await letTimePass(.milliseconds(500))
            }
            return [
                Check("honest messages on top of pages and feeds", seen),
                Check("the page says whose clock is ahead", isTold ? "yes" : "no", goal: "yes", holds: isTold),
            ]
        }
    }

    /// Whether a message stands above all that are dated ahead. Where many write, neither may be there any more.
    private static func isAbove(_ text: String, in page: String) -> Bool {
        let ahead = page.firstRange(of: mark)
        guard let place = page.firstRange(of: text) else { return ahead == nil }
        return ahead.map { place.lowerBound < $0.lowerBound } ?? true
    }
}
