import BusClient
import Foundation
import Synchronization
import TestSupport

extension Benchmark {
    /// Telexes of 400 bytes from one sender through one tap, at the pace that the windows of the line allow.
    static let relay = Benchmark(name: "relay") {
        var rounds: [RelayRound.Result] = []
        for number in 0..<5 {
            let site = try TestSite()
            let port = try FreePort.udp()
            let router = try site.start(Binaries.router, ["--udp", "127.0.0.1:\(port)"])
            let round = RelayRound(port: port, number: number)
            rounds.append(try await round.run())
            let drops = try await drops(at: site.bus)
            Benchmarks.note("  round \(number + 1): \(rounds[number])\(drops.isEmpty ? "" : "; \(drops)")")
            router.signal(SIGTERM)
            _ = try await router.waitForExit(within: .seconds(5))
        }
        let rate = Samples(rounds.map(\.perSecond)).median
        let lost = rounds.map(\.lost).reduce(0, +)
        let sent = rounds.map(\.sent).reduce(0, +)
        return [
            Figure(
                what: "telexes relayed a second through one tap, 400 bytes, no loss", goal: "≥ 40000",
                measured: "\(rate.short), lost \(lost) of \(sent)", isMet: rate >= 40_000 && lost == 0,
                how: "median of \(rounds.count) rounds of \(RelayRound.length.components.seconds) s; 2011: 4000")
        ]
    }

    /// Why the switch dropped telexes, if it did.
    private static func drops(at bus: String) async throws -> String {
        let client = try BusClient(bus: bus, name: "benchmark")
        let counters = try await client.status().counters
        await client.close()
        let reasons = [
            "line_rate", "window_overrun", "queue_full", "signals_repeated", "signals_queued", "udp_socket_errors",
            "udp_send_no_room",
        ]
        return reasons.compactMap { name in counters[name].flatMap { $0 > 0 ? "\(name) \($0)" : nil } }
            .joined(separator: ", ")
    }
}

/// One round: a sender and a tapper, each on a thread of its own.
struct RelayRound: Sendable {
    struct Result: Sendable, CustomStringConvertible {
        let sent: Int
        let relayed: Int
        let perSecond: Double
        /// Times that the sender had to ask for news because its window stayed shut.
        let stalls: Int

        var lost: Int { sent - relayed }
        var description: String { "\(perSecond.short)/s, \(lost) of \(sent) lost, \(stalls) stalls" }
    }

    static let length = Duration.seconds(5)
    static let telexBytes = 400
    /// The send window of 2011: so many bytes may be on their way unacknowledged.
    static let window = 10_000
    /// Telexes between sender and tapper. Both run on what the switch leaves of the machine: without this, a tapper that
    /// does not get its turn for some milliseconds would let the switch's window shut, and that loss would be ours.
    static let inFlight = 100
    /// How far ahead of what it has received the tapper reports, as the specification allows, and how often.
    static let claim = 60_000
    static let reportBytes = 4_000

    let port: UInt16
    let number: Int

    /// Plays the round and returns when the last telex has arrived or is given up.
    func run() async throws -> Result {
        let tally = RelayTally()
        async let tapper: Void = onThread { try tap(tally) }
        guard await tally.tapping.first(within: .seconds(10)) != nil else {
            try await tapper
            throw NotInTime("the tap was not set")
        }
        let result = try await onThread {
            defer { tally.isOver.store(true, ordering: .relaxed) }
            return try send(tally)
        }
        try await tapper
        return result
    }

    /// The end that this round's tap listens to.
    private var end: String { String(repeating: String(number % 10), count: 40) }

    /// The tapper: counts what comes and keeps the switch's window open.
    private func tap(_ tally: RelayTally) throws {
        defer { tally.tapping.finish() }
        let line = try RelayLine(to: port, ring: 21_001)
        try line.say(#","_hop":0,".tap":[{"is":{"+end":"\#(end)"},"has":["+message"]}]"#, claiming: Self.claim)
        tally.tapping.append(())
        var reported = line.received
        while !tally.isOver.load(ordering: .relaxed) {
            let signals = try line.receive(waiting: 10)
            if signals > 0 { tally.relayed.add(signals, ordering: .relaxed) }
            if line.received - reported >= Self.reportBytes {
                try line.say("", claiming: Self.claim)
                reported = line.received
            }
        }
    }

    /// The sender: one second to warm up, then the measured time, then patience for what is on its way.
    private func send(_ tally: RelayTally) throws -> Result {
        let line = try RelayLine(to: port, ring: 32_003)
        var telex = RelayTelex(line: line.line, end: end)
        var pace = RelayPace()
        let start = ContinuousClock.now + .seconds(1)
        try pump(line, &telex, &pace, tally, until: start)
        let before = tally.relayed.load(ordering: .relaxed)
        try pump(line, &telex, &pace, tally, until: start + Self.length)
        let seconds = (ContinuousClock.now - start).seconds
        let after = tally.relayed.load(ordering: .relaxed)

        var last = (count: after, at: ContinuousClock.now)
        while last.count < telex.sent, ContinuousClock.now - last.at < .milliseconds(500) {
            _ = try line.receive(waiting: 5)
            let now = tally.relayed.load(ordering: .relaxed)
            if now > last.count { last = (now, ContinuousClock.now) }
        }
        return Result(
            sent: telex.sent, relayed: last.count, perSecond: Double(after - before) / seconds, stalls: pace.stalls)
    }

    /// Sends as fast as the windows open.
    private func pump(
        _ line: RelayLine, _ telex: inout RelayTelex, _ pace: inout RelayPace, _ tally: RelayTally,
        until end: ContinuousClock.Instant
    ) throws {
        var lastProgress = ContinuousClock.now
        while ContinuousClock.now < end {
            let arrived = tally.relayed.load(ordering: .relaxed) + pace.writtenOff
            let room = min(
                (Self.window - (line.sent - line.acknowledged)) / Self.telexBytes,
                Self.inFlight - (telex.sent - arrived))
            if room > 0 {
                line.sent += try telex.send(room, on: line.socket, received: line.received) * Self.telexBytes
                lastProgress = .now
            }
            _ = try line.receive(waiting: room > 0 ? 0 : 1)
            if ContinuousClock.now - lastProgress > .milliseconds(50) {
                // Something is lost, a telex or the news of our bytes: a question makes the switch repeat the news.
                pace.stalls += 1
                pace.writtenOff = telex.sent - tally.relayed.load(ordering: .relaxed)
                lastProgress = .now
                try line.say(#","+end":"\#(self.end)""#)
            }
        }
    }
}

/// What the sender knows of telexes that will not arrive.
struct RelayPace {
    var stalls = 0
    /// Telexes that are not waited for any more.
    var writtenOff = 0
}

/// What the two threads of a round share.
final class RelayTally: Sendable {
    let relayed = Atomic(0)
    let isOver = Atomic(false)
    let tapping = Mailbox<Void>()
}

/// The telex that is sent over and over, each time with another text: what looks like the last one is not relayed twice.
struct RelayTelex {
    private let bytes: [UInt8]
    private let counter: Range<Int>
    private let received: Range<Int>
    private(set) var sent = 0

    init(line: Int, end: String) {
        let hex = String(repeating: "0123456789abcdef", count: 8)
        let head = #"{"_line":\#(line),"_hop":1,"+end":"\#(end)","+key":"\#(hex)","+sig":"\#(hex)","+message":""#
        let tail = #"","_br":"#
        let number = String(repeating: " ", count: 12)
        let room = RelayRound.telexBytes - head.utf8.count - tail.utf8.count - number.utf8.count - 1
        let text = head + String(repeating: "0", count: room) + tail + number + "}"
        bytes = Array(text.utf8)
        counter = head.utf8.count..<head.utf8.count + room
        let start = counter.upperBound + tail.utf8.count
        received = start..<start + number.utf8.count
    }

    /// Sends up to `count` of them; returns how many.
    mutating func send(_ count: Int, on socket: RelaySocket, received bytesReceived: Int) throws -> Int {
        let first = sent
        let (counter, received) = (counter, received)
        let done = try socket.send(count, of: bytes) { index, bytes in
            var value = first + index
            for place in counter.reversed() {
                bytes[place] = UInt8(0x30 + value % 10)
                value /= 10
            }
            for (place, digit) in zip(received, String(bytesReceived).utf8) { bytes[place] = digit }
        }
        sent += done
        return done
    }
}
