import Telehash
import TelehashWire
import Testing

/// Receivers of 2011 that say nothing but their tap, and switches of 2012 that say something twice a minute.
@Suite struct BareTapTests {
    private let receiver = Solo.endpoint("10.9.0.1:12345")
    private let tap = #"{".tap":[{"has":["+key"]}],"_to":"208.68.163.247:42424"}"#

    /// What the receiver answers to whatever has a ring or a line: that, and its tap.
    private func answer(_ sent: Solo.Sent) -> String? {
        (sent.telex.ring ?? sent.telex.line).map {
            #"{".tap":[{"has":["+key"]}],"_line":\#($0),"_to":"208.68.163.247:42424"}"#
        }
    }

    @Test func bareTap_isAnsweredWithARing_andCountsOnlyWithALine() throws {
        let solo = Solo()
        let sent = solo.receive(tap, from: receiver)
        let ring = try #require(sent.first)
        #expect(sent.count == 1 && ring.to == receiver)
        #expect(ring.telex == Telex(to: receiver, ring: ring.telex.ring, br: tap.utf8.count))
        #expect(ring.telex.ring != nil)
        #expect(ring.bytes.count <= 3 * tap.utf8.count)
        #expect(solo.node.status(now: solo.now).tapsTheirs == 0)

        solo.receive(try #require(answer(ring)), from: receiver)
        #expect(solo.node.status(now: solo.now).tapsTheirs == 1)
        let heard = solo.receive(Telex(hop: 1, signals: .message("hello")), from: Solo.endpoint("10.8.0.1:1"))
        #expect(heard.carrying("hello").map(\.to) == [receiver])
        solo.advance(by: .seconds(20))
        #expect(solo.receive(tap, from: receiver).isEmpty, "its line stands")
    }

    /// The ring may be lost; the next ping comes half a minute later.
    @Test func bareTap_whoseAnswerWasLost_isAnsweredAgainHalfAMinuteLater() {
        let solo = Solo()
        for _ in 0..<5 {
            #expect(solo.receive(tap, from: receiver).count == 1)
            solo.advance(by: .seconds(30))
        }
    }

    @Test func bareTaps_ofOneAddress_areAnsweredOnceInTenSeconds_withinThreeTimesTheirBytes() {
        let solo = Solo()
        var sent = 0
        var bytes = 0
        for _ in 0..<200 {
            let answers = solo.receive(tap, from: receiver)
            sent += answers.count
            bytes += answers.byteCount
            solo.advance(by: .milliseconds(500))
        }
        #expect(sent == 10)
        #expect(bytes <= 3 * 200 * tap.utf8.count)
        #expect(
            solo.receive("{\".tap\":[]}", from: Solo.endpoint("10.9.0.2:1")).isEmpty, "three times that is too little")
    }

    @Test func bareTaps_ofManyAddresses_areBudgeted_andLeaveBoundedTables() {
        let solo = Solo()
        var answered = 0
        for number in 0..<5_000 {
            let sender = Solo.endpoint("10.\(20 + number / 250).\(number % 250).1:5000")
            answered += solo.receive(tap, from: sender).count
        }
        #expect(answered <= 400 && answered > 350)
        #expect(solo.node.audit().isEmpty)
        #expect(solo.counter("tappers_rung") == UInt64(answered))
    }

    @Test(arguments: [
        #"{".tap":[{"has":["+key"]}],"_ring":5}"#, #"{".tap":[{"has":["+key"]}],"_line":12345}"#,
        #"{".tap":[{"has":["+key"]}],"_hop":1,"pad":"......................"}"#,
        #"{".tap":[{"has":["+key"]}],"+key":"an author","_to":"208.68.163.247:42424"}"#,
    ])
    func tap_thatIsNotBare_isNotAnswered(_ text: String) {
        #expect(Solo().receive(text, from: receiver).isEmpty)
    }

    /// Node-telehash of April 2012 asks, reads our answer, and says nothing before its next round, 25 s later.
    @Test(arguments: [25, 30]) func switch_thatScansEvery25Or30Seconds_getsALine(_ pause: Int) throws {
        let solo = Solo()
        let peer = Solo.endpoint("10.9.0.3:42424")
        let question = Telex(to: Solo.home, ring: 77, signals: Signals(["+end": peer.nodeID.hex]))
        let line = try #require(solo.receive(question, from: peer).to(peer).first?.telex.line)
        solo.advance(by: .seconds(pause))
        solo.receive(Telex(to: Solo.home, line: line, br: 80, see: [peer]), from: peer)
        #expect(solo.node.status(now: solo.now).proven == 1)
    }
}
