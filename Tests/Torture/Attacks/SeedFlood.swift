import Messages
import TestSupport

/// A seed that answers one address so often that it has nothing left for newcomers.
enum SeedFlood: Attack {
    static let name = "seed-flood"
    static let abstract = "one socket asks a seed `+end` 300 times a second (15 kB/s) while people join there."
    static let place = 0
    static let rate = 300.0

    static func prepare(on ground: Ground) async throws -> Strike {
        let (node, source) = (ground.victim.node, ground.attacker)
        return { end in
            let sent = try await onThread {
                let socket = try RelaySocket(to: node.udpPort, at: node.host, from: source)
                let start = ContinuousClock.now
                var sent = 0
                while case let now = ContinuousClock.now, now < end {
                    while sent < Int(start.duration(to: now).seconds * ground.rate) {
                        try socket.send(#"{"+end":"\#(Channel.tweets.end.hex)"}"#)
                        sent += 1
                    }
                    _ = try socket.receive(waiting: 5) { _ in }
                }
                return sent
            }
            return [Check("asked", "\(sent) times")]
        }
    }
}
