import Telehash
import TelehashWire
import Testing

/// A switch without trees of tappers does as those of 2011.
@Suite struct WithoutTreesTests {
    private var limits: Limits {
        var limits = Limits.default
        limits.trees.tapsPerEnd = 3
        return limits
    }

    private func tapped(_ solo: Solo, by tapper: Endpoint, line: Int) -> [Solo.Sent] {
        let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])
        return solo.receive(
            Telex(to: Solo.home, line: line, br: 0, tap: [rule], fields: [.init(key: "tree", text: "0/0")]),
            from: tapper)
    }

    @Test(arguments: [(true, 3), (false, 20)])
    func host_servesEverybodyWhoTaps(_ usesTrees: Bool, _ served: Int) {
        let solo = Solo(usesTrees: usesTrees, limits: limits)
        let tappers = (0..<20).map(Endpoint.spread)
        for tapper in tappers {
            let answers = tapped(solo, by: tapper, line: solo.prove(tapper))
            #expect(usesTrees || answers.allSatisfy { $0.telex.text(of: "tree") == nil })
        }
        let copies = solo.receive(
            Telex(to: Solo.home, ring: 5, hop: 2, signals: .message("to all")), from: .spread(100))
        #expect(copies.carrying("to all").count == served)
        #expect(solo.counter("taps_sent_on") == (usesTrees ? 17 : 0))
    }

    @Test(arguments: [true, false])
    func tapper_saysNothingOfTrees_andHeedsNoNotice(_ usesTrees: Bool) {
        let solo = Solo(usesTrees: usesTrees)
        solo.tap([.tweets])
        let host = Endpoint.spread(0)
        let line = solo.prove(host)
        let taps = solo.advance(by: .seconds(2)).to(host).filter { $0.telex.tap != nil }
        let renewals = solo.advance(by: .seconds(60)).to(host).filter { $0.telex.tap != nil }
        #expect(!(taps + renewals).isEmpty)
        #expect((taps + renewals).allSatisfy { ($0.telex.text(of: "tree") == nil) != usesTrees })
        solo.receive(
            Telex(
                to: Solo.home, line: line, br: 0, see: [.spread(7)],
                fields: [.init(key: "tree", text: "\(NodeID.tweets.hex) 0")]), from: host)
        #expect(solo.counter("redirects_followed") == (usesTrees ? 1 : 0))
    }
}
