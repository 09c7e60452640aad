import TelehashWire
import Testing

@testable import Telehash

@Suite("Questions behind copies")
struct ProbeTests {
    private let peer = Endpoint.spread(1)

    /// The repeat was once planned for a moment that was over, and one tick never ended.
    @Test("a peer that falls silent with its window full is looked at again now and then, not for ever at one moment")
    func silentWithFullWindow() throws {
        var limits = Limits.default
        limits.lines.probeWindow = limits.lines.sendWindow
        let solo = Solo(limits: limits)
        let line = solo.prove(peer)
        let slot = try #require(solo.node.exchange.lines.slot(of: peer))
        solo.publish(.message("first"), end: .tweets)
        for _ in 0..<5 {
            solo.advance(by: .milliseconds(20))
            guard solo.node.exchange.lines[slot].deliveries.hasQuestionsOut else { continue }
            solo.receive(Telex(line: line, br: solo.node.exchange.lines[slot].window.sent, see: []), from: peer)
        }
        #expect(solo.node.exchange.lines[slot].deliveries.roundTrip != nil, "else the switch asks once in two seconds")
        for number in 0..<14 {
            let signals = Signals.message("\(number)" + String(repeating: "x", count: 1_000))
            solo.publish(signals, end: .tweets, as: UInt64(2 + number))
        }
        #expect(!solo.node.exchange.lines[slot].window.admitsProbe(limits: limits), "it is as full as it gets")
        let before = (probes: solo.counter("probes"), closed: solo.counter("window_closed"))
        // Until the window is taken for stuck, and opens.
        solo.advance(by: limits.lines.stuckWindow - .milliseconds(100))
        #expect(!solo.node.exchange.lines[slot].window.admitsProbe(limits: limits), "and stays so")
        #expect(solo.counter("probes") == before.probes)
        // The line is looked at three times a second for its copies, and four times with all others.
        #expect((2...30).contains(solo.counter("window_closed") - before.closed))
    }
}
