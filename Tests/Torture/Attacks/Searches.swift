import Foundation
import Messages
import TestSupport

/// Searches that take a store's whole attention.
enum Searches: Attack {
    static let name = "search"
    static let abstract = "40,000 texts “a b a b …”, then a phrase of 126 words, 30 searches at once and one a second."
    static let place = 5
    static let size = 40_000

    private static let atOnce = 30
    private static let patience = Duration.seconds(20)

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        let text = String(repeating: "a b ", count: 200)
        let yesterday = Timestamp.now - 86_400_000
        for first in stride(from: 0, to: ground.size, by: 1_000) {
            try await victim.keep(
                (first..<min(first + 1_000, ground.size)).map {
                    try author.sign("\(text)\($0)", channel: .tweets, at: yesterday + Int64($0))
                })
        }
        // None of them has it, which shows only at the end of each.
        let phrase = String(repeating: "a%20b%20", count: 62) + "a%20a"
        return { end in
            let answers = await withTaskGroup(of: String.self) { group in
                var due = ContinuousClock.now
                for _ in 0..<atOnce { group.addTask { await search(phrase, at: victim) } }
                while ContinuousClock.now < end {
                    due += .seconds(1 / ground.rate)
                    guard await letPass(max(.zero, ContinuousClock.now.duration(to: due))) else { break }
                    group.addTask { await search(phrase, at: victim) }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            let told = answers.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
            // The others' pages must be there at once afterwards, too.
            let page = try await victim.get("/tweets").status
            return [
                Check(
                    "searches", told, goal: "200, 400 (too broad), 429 or 503",
                    holds: Set(answers.keys).isSubset(of: ["200", "400", "429", "503"])),
                Check("a page right afterwards", "status \(page)", goal: "status 200", holds: page == 200),
            ]
        }
    }

    private static func search(_ phrase: String, at victim: AttackedNode) async -> String {
        let headers = ["X-Forwarded-For": "203.0.113.66"]
        let answer = try? await victim.http.request(
            "GET", "/search?q=%22\(phrase)%22", headers: headers, within: patience)
        return answer.map { "\($0.status)" } ?? "no answer"
    }
}
