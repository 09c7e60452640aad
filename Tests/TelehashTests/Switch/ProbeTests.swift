import Telehash
import TelehashWire
import Testing

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
        // The answers to its questions tell the switch how long one takes; else it would ask once in two seconds.
        var sent = solo.publish(.message("first"), end: .tweets).to(peer)
        var received = sent.reduce(0) { $0 + $1.bytes.count }
        for _ in 0..<5 {
            sent = solo.advance(by: .milliseconds(20)).to(peer)
            received += sent.reduce(0) { $0 + $1.bytes.count }
            solo.receive(Telex(line: line, br: received, see: []), from: peer)
        }
        for number in 0..<14 {
            let signals = Signals.message("\(number)" + String(repeating: "x", count: 1_000))
            solo.publish(signals, end: .tweets, as: UInt64(2 + number))
        }
        #expect(solo.node.status(now: solo.now).windowsClosed == 1, "it is as full as it gets")
        let before = (probes: solo.counter("probes"), closed: solo.counter("window_closed"))
        // Until the window is taken for stuck, and opens.
        solo.advance(by: limits.lines.stuckWindow - .milliseconds(100))
        #expect(solo.node.status(now: solo.now).windowsClosed == 1, "and stays so")
        #expect(solo.counter("probes") == before.probes)
        // The line is looked at three times a second for its copies, and four times with all others.
        #expect((2...30).contains(solo.counter("window_closed") - before.closed))
    }
}
