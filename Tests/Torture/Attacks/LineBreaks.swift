import Messages
import TestSupport

/// Messages that are tall.
enum LineBreaks: Attack {
    static let name = "line-breaks"
    static let abstract = "fifty messages of 430 line breaks each make a page of 20,000 lines."
    static let place = 4

    private static let count = 50
    /// Pixels of pages with fifty such messages: a screen for each, and not 430 lines.
    private static let height = 60_000

    static func prepare(on ground: Ground) async throws -> Strike {
        let victim = ground.victim
        return { end in
            // Of three authors, so that no rate of one keeps them away.
            let authors = (0..<3).map { _ in Identity.generate(.ed25519) }
            let text = String(repeating: "\n", count: 429)
            var messages: [SignedMessage] = []
            for number in 0..<count {
                messages.append(
                    try authors[number % 3].sign("tall\(text)\(number)", channel: .tweets, at: Timestamp.now))
            }
            try await ground.say(messages)
            let stored = messages.count - (await victim.missing(of: messages.map(\.id), within: .seconds(5))).count
            var checks = [Check("tall messages stored", "\(stored)")]
            guard WebDriver.isInstalled else { return checks + [Check("height of their pages", "no browser here")] }
            for script in [true, false] {
                let browser = try await WebDriver.start(in: victim.node.site, script: script)
                var pixels = 0
                for author in authors {
                    let page = "http://127.0.0.1:\(victim.node.httpPort)/authors/\(author.publicKey.text)"
                    try await browser.open(page)
                    pixels += try await browser.run("return document.documentElement.scrollHeight").int ?? 0
                }
                await browser.quit()
                checks.append(
                    Check(
                        "height of three authors' pages\(script ? "" : " without script")", pixels, atMost: height,
                        " px"))
            }
            try await letTimePass(max(.zero, ContinuousClock.now.duration(to: end)))
            return checks
        }
    }
}
