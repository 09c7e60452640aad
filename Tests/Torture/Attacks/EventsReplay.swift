import Messages
import TestSupport

/// A short request for a long answer.
enum EventsReplay: Attack {
    static let name = "events-replay"
    static let abstract = "/events?last=STORE:pos-4999, 79 bytes each, for everything that was missed."
    static let place = 5
    static let rate = 4.0
    static let size = 5_000

    /// Messages in one answer, and bytes a second for one visitor beyond a first burst.
    private static let (rows, bytes, burst) = (500, 1_000_000, 10_000_000)
    private static let used = 0.5

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.ed25519))
        let begin = Timestamp.now - 3_600_000
        try await victim.keep(
            (0..<ground.size).map {
                let text = "missed \($0), about as long as what people write on a wall"
                return try author.sign(text, channel: .tweets, at: begin + Int64($0))
            })
        guard let renderer = victim.processes("p2pmsg-renderer").first else { throw NotInTime("no renderer") }
        return { end in
            let (start, used) = (ContinuousClock.now, try ProcessFigures.processorSeconds(of: renderer))
            var (answers, most, total, position) = (0, 0, 0, try await victim.place())
            while ContinuousClock.now < end {
                position = try await victim.place()
                let last = "\(position.store):\(max(0, position.number - ground.size + 1))"
                let bytes = try await onThread {
                    let peer = try RawPeer(tcp: victim.node.httpPort)
                    peer.send(Array(Self.request(last, port: victim.node.httpPort).utf8))
                    return peer.read(atMost: 64 << 20, within: .seconds(5)).bytes
                }
                answers += 1
                total += bytes.count
                let lines = bytes.split(separator: UInt8(ascii: "\n"))
                most = max(most, lines.count { $0.elementsEqual("event: message".utf8) })
                let due = start + .seconds(Double(answers) / ground.rate)
                try await letTimePass(max(.zero, ContinuousClock.now.duration(to: due)))
            }
            let seconds = start.duration(to: .now).seconds
            let cores = (try ProcessFigures.processorSeconds(of: renderer) - used) / seconds
            return [
                Check("answers", "\(answers), \(total >> 10) kB"),
                Check("messages in one answer", most, atMost: rows),
                Check("bytes for one visitor", total, atMost: burst + Int(Double(bytes) * seconds)),
                Check(
                    "cores of the renderer", "\((cores * 100).rounded() / 100)", goal: "≤ \(Self.used)",
                    holds: cores <= Self.used),
            ]
        }
    }

    /// Nothing live after it, so that the answer ends.
    private static func request(_ last: String, port: UInt16) -> String {
        "GET /events?live=no&last=\(last) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            + "X-Forwarded-For: 203.0.113.67\r\nConnection: close\r\n\r\n"
    }
}

extension AttackedNode {
    /// Where its page says that its events go on.
    func place() async throws -> (store: String, number: Int) {
        guard let found = try await get("/tweets").body.firstMatch(of: /data-last="([^":]*):([0-9]+)"/),
            let number = Int(found.2)
        else { throw NotInTime("the page of \(name) names no place in its events") }
        return (String(found.1), number)
    }
}
