import Telehash
import TelehashWire
import TestSupport
import Testing

/// Threat T15: hops that are none, too large, or written in another way.
@Suite struct OddHopTests {
    /// Whatever the hop says, no copy goes out beyond the fourth relay.
    @Test func everyOddity_asHop_isNeverRelayedBeyondFour() throws {
        let solo = Solo()
        let sender = Endpoint.spread(1)
        let tapper = Endpoint.spread(2)
        let line = solo.prove(sender)
        let tapped = solo.prove(tapper, isSwitch: false)
        solo.receive(Telex(line: tapped, tap: [TapRule(has: ["+n"])]), from: tapper)
        var copies = 0
        for (number, hop) in try JSONTestSuite.oddNumbers().enumerated() {
            let sent = solo.receive("{\"_line\":\(line),\"_hop\":\(hop),\"+n\":\"\(number)\"}", from: sender)
            solo.receive(Telex(line: tapped, br: 1 << 40), from: tapper)
            for copy in sent.to(tapper) where copy.telex.signals["+n"] != nil {
                copies += 1
                #expect((1...4).contains(copy.telex.hop), "\(hop) goes out as \(copy.telex.hop)")
                let plain = [
                    "null": 0, "-0": 0, "0": 0, "1": 1, "2": 2, "3": 3, "\"1\"": 1, "\"\\u0031\"": 1, " 1": 1, "1 ": 1,
                ]
                #expect(plain[hop] == copy.telex.hop - 1, "\(hop) is relayed")
            }
        }
        #expect(copies >= 9)
    }
}
