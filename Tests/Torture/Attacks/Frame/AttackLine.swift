import Messages
import Synchronization
import TelehashWire
import TestSupport

/// Somebody who has a proven line with a switch and says what they like, as fast as the windows allow. Used by one thread.
final class AttackLine {
    /// What may be on its way unreported, and the longest telex, in bytes.
    private static let (window, telex) = (10_000, 1_400)

    private let node: TestNode
    private let source: String
    private var line: RelayLine
    private(set) var sent = 0
    /// How often the line was gone and had to be made anew.
    private(set) var losses = 0

    /// - Parameter source: an address of 127.0.0.0/8.
    init(to node: AttackedNode, from source: String) throws {
        (self.node, self.source) = (node.node, source)
        line = try Self.connect(self.node, source, patience: .seconds(10))
    }

    private static func connect(_ node: TestNode, _ source: String, patience: Duration) throws -> RelayLine {
        let ring = Int.random(in: 1_000...30_000)
        return try RelayLine(to: node.udpPort, at: node.host, ring: ring, from: source, patience: patience)
    }

    /// Sends at a steady rate until a time, or until there is no more. Whatever the other side does about it is borne: a
    /// line that is shut for long is made anew.
    func pour(_ rate: Double, until end: ContinuousClock.Instant, _ next: () throws -> Signals?) throws {
        let start = ContinuousClock.now
        let before = sent
        var lastMove = start
        while case let now = ContinuousClock.now, now < end {
            let due = Int(start.duration(to: now).seconds * rate) + 1 - (sent - before)
            let room = (Self.window - (line.sent - line.acknowledged)) / Self.telex
            if due > 0, room > 0 {
                for _ in 0..<min(due, room) {
                    guard let signals = try next() else { return }
                    try say(signals)
                }
                lastMove = now
            }
            _ = try line.receive(waiting: due > 0 && room > 0 ? 0 : 1)
            if room > 0 { continue }
            let shut = lastMove.duration(to: now)
            if shut > .seconds(1) {
                try renew(until: end)
                lastMove = .now
            } else if shut > .milliseconds(50) {
                // A question makes the other side say what it has got.
                try line.say(#","+end":"\#(Channel.tweets.end.hex)""#)
                _ = try line.receive(waiting: 20)
            }
        }
    }

    func say(_ signals: Signals) throws {
        try line.say(#","_hop":1,"# + String(decoding: signals.encoded, as: UTF8.self))
        sent += 1
    }

    /// Takes what has come, so that the other side keeps talking.
    func listen() throws { _ = try line.receive(waiting: 0) }

    private func renew(until end: ContinuousClock.Instant) throws {
        losses += 1
        while ContinuousClock.now < end {
            if let new = try? Self.connect(node, source, patience: .seconds(1)) {
                line = new
                return
            }
        }
    }
}

/// An honest switch of one author beside a node: sends its messages as switches do, once and once more two seconds later.
actor Neighbour {
    private let line: AttackLine

    init(of node: AttackedNode, number: Int) throws {
        line = try AttackLine(to: node, from: "127.77.0.\(number + 1)")
    }

    func send(_ message: SignedMessage) async {
        for _ in 0..<2 {
            try? line.listen()
            try? line.say(message.signals)
            guard await letPass(.seconds(2)) else { return }
        }
    }
}

extension Ground {
    /// Sends from the attacker's address, over a line, on a thread of its own.
    ///
    /// - Returns: how many went out, and how often the line was lost.
    func pour(
        until end: ContinuousClock.Instant, rate: Double? = nil, _ next: @escaping @Sendable () throws -> Signals?
    ) async throws -> (sent: Int, losses: Int) {
        try await onThread {
            let line = try AttackLine(to: victim, from: attacker)
            try line.pour(rate ?? self.rate, until: end, next)
            return (line.sent, line.losses)
        }
    }
}

extension Ground {
    /// Sends some messages at once.
    ///
    /// - Parameter perSecond: what the other side may be asked to take.
    func say(_ messages: [SignedMessage], perSecond: Double = 1_000) async throws {
        try await onThread {
            var rest = messages[...]
            let line = try AttackLine(to: victim, from: attacker)
            try line.pour(perSecond, until: .now + .seconds(60)) { rest.popFirst()?.signals }
        }
    }
}

/// Numbers, one after the other, for several threads.
final class Numbering: Sendable {
    private let given = Atomic(0)

    var count: Int { given.load(ordering: .relaxed) }
    func next() -> Int { given.add(1, ordering: .relaxed).newValue }
}
