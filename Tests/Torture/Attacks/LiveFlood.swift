import BusClient
import Messages
import Synchronization
import TestSupport

/// A busy wall with many readers.
enum LiveFlood: Attack {
    static let name = "live-flood"
    static let abstract = "400 messages a second while 40 readers have the page open."
    static let place = 3
    static let rate = 400.0
    static let size = 40

    /// Bytes a second to one reader: some whole messages, and how many more there are.
    private static let bytes = 100_000

    private final class Readers: Sendable {
        let bytes = Atomic(0)
        let cuts = Atomic(0)
    }

    /// Holes in the feed, each of which ends all streams once: a debug build on a busy machine may be late for a second.
    #if DEBUG
    private static let holes = 1
    #else
    private static let holes = 0
    #endif

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, readers) = (ground.victim, Readers())
        return { end in
            let start = ContinuousClock.now
            let sent = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...ground.size {
                    group.addTask {
                        try await onThread { try read(victim, as: "203.0.113.\(number)", until: end, readers) }
                        return 0
                    }
                }
                group.addTask { try await write(victim, ground.rate, until: end) }
                return try await group.reduce(0, +)
            }
            let seconds = start.duration(to: .now).seconds
            let each = Double(readers.bytes.load(ordering: .relaxed)) / seconds / Double(ground.size)
            return [
                Check("messages", "\(sent), \(Int(Double(sent) / seconds)) a second"),
                Check("bytes a second to each reader", Int(each), atMost: bytes),
                Check(
                    "streams that were cut off", readers.cuts.load(ordering: .relaxed), atMost: holes * ground.size),
            ]
        }
    }

    /// As somebody on the command line, who is not held back.
    private static func write(
        _ victim: AttackedNode, _ rate: Double, until end: ContinuousClock.Instant
    ) async throws -> Int {
        let author = Identity.generate(.ed25519)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            var (due, sent) = (ContinuousClock.now, 0)
            while ContinuousClock.now < end {
                try await letTimePass(max(.zero, ContinuousClock.now.duration(to: due)))
                due += .seconds(1 / rate)
                sent += 1
                let text = "busy \(sent), about as long as what people write on a wall"
                let message = try author.sign(text, channel: .tweets, at: Timestamp.now)
                group.addTask { await victim.publish(message) == nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    private static func read(
        _ victim: AttackedNode, as visitor: String, until end: ContinuousClock.Instant, _ readers: Readers
    ) throws {
        let port = victim.node.httpPort
        let request =
            "GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nX-Forwarded-For: \(visitor)\r\n"
            + "Accept: text/event-stream\r\n\r\n"
        while ContinuousClock.now < end {
            let peer = try RawPeer(tcp: port)
            peer.send(Array(request.utf8))
            var isClosed = false
            while !isClosed, ContinuousClock.now < end {
                let got = peer.read(atMost: 64 << 10, within: .milliseconds(500))
                readers.bytes.add(got.bytes.count, ordering: .relaxed)
                isClosed = got.isClosed
            }
            if isClosed { readers.cuts.add(1, ordering: .relaxed) }
        }
    }
}
