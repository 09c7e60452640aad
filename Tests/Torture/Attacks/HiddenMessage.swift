import Messages
import TestSupport

/// What an operator hides must be gone wherever it can be read.
enum HiddenMessage: Attack {
    static let name = "hidden"
    static let abstract = "a message is hidden while all that shows it is asked for it again and again."
    static let place = 3

    /// From the end of the command, milliseconds.
    private static let limit = 1_500.0
    /// Where six nodes share a machine with all attackers, an answer alone may take as long.
    private static let crowdedLimit = 5_000.0

    static func prepare(on ground: Ground) async throws -> Strike {
        let victim = ground.victim
        let proxy = try? await TestProxy.start(in: victim.node.site, renderers: [victim.node.httpPort])
        return { end in
            let limit = ground.isCrowded ? crowdedLimit : Self.limit
            /// Nil: none came in time, which is borne where all attackers share the machine.
            @Sendable func answer<Value: Sendable>(_ ask: @Sendable () async throws -> Value) async throws -> Value? {
                do { return try await ask() } catch  where ground.isCrowded { return nil }
            }
            var (slowest, rounds, late) = (0.0, 0, Set<String>())
            repeat {
                let author = Identity.generate(.ed25519)
                let word = "unwanted\(UInt32.random(in: 0...UInt32.max))"
                guard let place = try await answer({ try await victim.place() }) else { continue }
                let message = try author.sign("\(word) words", channel: .tweets, at: Timestamp.now)
                if let trouble = await victim.publish(message) {
                    guard ground.isCrowded else { throw NotInTime("it is not stored: \(trouble)") }
                    continue
                }
                let surfaces = Self.surfaces(of: message, word, since: "\(place.store):\(place.number)")
                // All have it, so that each that keeps anything keeps this.
                for surface in surfaces {
                    _ = try await answer { try await Self.shows(message, word, at: surface, victim, proxy) }
                }
                try await victim.node.run([["hide", message.id.hex]])
                let hidden = ContinuousClock.now
                var left = surfaces
                while !left.isEmpty, hidden.duration(to: .now) < .seconds(6) {
                    var still: [String] = []
                    for surface in left
                    where try await answer({ try await Self.shows(message, word, at: surface, victim, proxy) }) != false
                    {
                        still.append(surface)
                    }
                    left = still
                    let taken = hidden.duration(to: .now).milliseconds
                    slowest = max(slowest, taken)
                    if taken > limit { late.formUnion(left) }
                }
                rounds += 1
                try await letTimePass(.seconds(1))
            } while ContinuousClock.now < end
            return [
                Check(
                    "hidden", "\(rounds) messages, \(proxy == nil ? "without nginx" : "behind nginx too")",
                    goal: "some",
                    holds: rounds > 0),
                Check("gone everywhere after", Int(slowest), atMost: Int(limit), " ms"),
                Check("surfaces that still show it", "\(late.sorted())", goal: "none", holds: late.isEmpty),
            ]
        }
    }

    private static func surfaces(of message: SignedMessage, _ word: String, since place: String) -> [String] {
        let key = message.key.text
        return [
            "/tweets", "/tweets/\(message.id.hex)", "/authors/\(key)", "/authors/\(key)/feed.atom",
            "/channels/tweets", "/channels/tweets/feed.json", "/search?q=\(word)", "/search/feed.atom?q=\(word)",
            "/feed.atom", "/feed.rss", "/feed.json", "/api/messages", "/api/messages?author=\(key)",
            "/api/messages?q=\(word)", "/events?live=no&last=\(place)",
        ]
    }

    /// At the node or, where there is one, through a proxy. A search says the word again without having found it.
    private static func shows(
        _ message: SignedMessage, _ word: String, at path: String, _ victim: AttackedNode, _ proxy: TestProxy?
    ) async throws -> Bool {
        var answers = [try await victim.get(path, as: "198.51.100.77").body]
        if let proxy { answers.append(try await proxy.http.get(path, headers: ["Host": TestProxy.name]).body) }
        return answers.contains { $0.contains("\(word) words") }
    }
}
