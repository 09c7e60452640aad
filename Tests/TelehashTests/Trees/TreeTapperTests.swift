import Telehash
import TelehashWire
import Testing

/// A switch whose own end has more tappers than the closest switches serve.
@Suite struct TreeTapperTests {
    /// A switch that taps an end at eight hosts.
    private final class Tapper {
        let solo: Solo
        private(set) var lines: [Endpoint: Int] = [:]
        private(set) var taps: [Solo.Sent] = []

        init(hosts: Int = 8, at home: Endpoint = Solo.home) {
            solo = Solo(at: home)
            solo.tap([.tweets])
            for number in 0..<hosts { lines[host(number)] = solo.prove(host(number)) }
            solo.advance(by: .seconds(1))
        }

        /// Switches that are nearer to the end than we are.
        private let near = (9_000..<9_400).map(Endpoint.spread)
            .sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }

        func host(_ number: Int) -> Endpoint { near[number] }

        /// A host says that it stands at this level, and whom it serves if it does not serve us.
        @discardableResult
        func say(_ host: Endpoint, level: Int, see: [Endpoint]?, hop: Int = 0) -> [Solo.Sent] {
            solo.receive(
                Telex(
                    to: Solo.home, line: lines[host], br: 0, hop: hop, see: see,
                    fields: [.init(key: "tree", text: "\(NodeID.tweets.hex) \(level)")]), from: host)
        }

        /// A dialled switch proves its line.
        @discardableResult
        func answer(_ peer: Endpoint) -> [Solo.Sent] {
            lines[peer] = solo.prove(peer)
            return []
        }

        func holdsTap(_ peer: Endpoint) -> Bool { solo.node.tappedEnds(at: peer) == [.tweets] }

        var serving: Set<Endpoint> { solo.node.serving(.tweets) }
    }

    private static func named(_ host: Int) -> [Endpoint] { (0..<8).map { .spread(100 + host * 8 + $0) } }

    @Test func tap_saysThatItsSenderUnderstandsTrees() {
        let solo = Solo()
        solo.tap([.tweets])
        let line = solo.prove(.spread(0))
        let sent = solo.advance(by: .seconds(60)).to(.spread(0)).filter { $0.telex.tap != nil }
        #expect(line > 0)
        #expect(!sent.isEmpty)
        #expect(sent.allSatisfy { $0.telex.text(of: "tree") == "-" })
    }

    @Test func redirect_whenOthersServeUs_isNotFollowed() {
        let tapper = Tapper()
        let sent = tapper.say(tapper.host(0), level: 0, see: Self.named(0))
        #expect(sent.allSatisfy { !Self.named(0).contains($0.to) })
        #expect(!tapper.holdsTap(tapper.host(0)))
        #expect(tapper.holdsTap(tapper.host(1)))
        #expect(tapper.solo.counter("redirects_followed") == 1)
    }

    @Test func redirects_ofAllHosts_leadToThreeParentsBelowDifferentRoots() {
        let tapper = Tapper()
        var dialled: [Endpoint] = []
        for number in 0..<8 {
            dialled += tapper.say(tapper.host(number), level: 0, see: Self.named(number)).map(\.to)
        }
        dialled = dialled.filter { $0 != tapper.host(7) && !(0..<8).map(tapper.host).contains($0) }
        #expect(Set(dialled).count == 3)
        let branches = Set(dialled.map { peer in (0..<8).first { Self.named($0).contains(peer) } })
        #expect(branches.count == 3)
        for peer in Set(dialled) {
            tapper.answer(peer)
            #expect(tapper.holdsTap(peer))
            tapper.say(peer, level: 1, see: nil)
        }
        #expect(tapper.serving == Set(dialled))
        #expect(tapper.solo.node.standing(of: .tweets)?.level == 2)
    }

    @Test func redirect_thatNamesNobodyWhoAnswers_isFollowedToOthers() {
        let tapper = Tapper()
        for number in 0..<8 { tapper.say(tapper.host(number), level: 0, see: Self.named(number)) }
        let sent = tapper.solo.advance(by: .seconds(10))
        let dialled = Set(sent.map(\.to)).subtracting((0..<8).map(tapper.host))
        #expect(dialled.count >= 6)
    }

    /// Too many asked the closest at once, so our lookup missed them: those that we take for them know better.
    @Test func root_thatSaysItIsNone_makesUsLookAgain() throws {
        let tapper = Tapper()
        for number in 0..<8 { tapper.say(tapper.host(number), level: 0, see: []) }
        // After a while it asks some of them again, when the lookup of the end, which nobody answers, is some time ago.
        var asked: Endpoint?
        for _ in 0..<90 where asked == nil {
            tapper.solo.advance(by: .milliseconds(500))
            guard !tapper.solo.node.isLookedUp(.tweets, within: .seconds(5), now: tapper.solo.now) else { continue }
            asked = (0..<8).map(tapper.host).first(where: tapper.holdsTap)
        }
        let root = try #require(asked)
        #expect(tapper.solo.node.certainRoots(of: .tweets).contains(root))
        let before = tapper.solo.counter("lookups")
        let sent = tapper.say(root, level: 3, see: [])
        #expect(tapper.solo.counter("lookups") == before + 1)
        #expect(sent.contains { $0.telex.signals["+end"] == NodeID.tweets.hex })
        // It gets no copy as if it were one of the closest.
        #expect(!tapper.solo.node.certainRoots(of: .tweets).contains(root))
    }

    @Test func redirect_fromSomebodyWeDidNotTap_isIgnored() {
        let tapper = Tapper(hosts: 12)
        let stranger = (0..<12).map(tapper.host).first { !tapper.holdsTap($0) }
        guard let stranger else {
            Issue.record("every host holds a tap")
            return
        }
        tapper.say(stranger, level: 0, see: Self.named(0))
        #expect(tapper.solo.counter("redirects_unasked") == 1)
        #expect(!tapper.solo.node.hasTree(of: .tweets))
    }

    @Test func redirect_thatWasRelayed_isIgnored() {
        let tapper = Tapper()
        tapper.say(tapper.host(0), level: 0, see: Self.named(0), hop: 1)
        #expect(!tapper.solo.node.hasTree(of: .tweets))
    }

    /// Liars may send as many redirects as they like, each with other victims.
    @Test func redirects_thatLie_makeFewDialsAndNoneTwice() {
        let tapper = Tapper()
        var dials: [Solo.Sent] = []
        for round in 0..<500 {
            for number in 0..<8 {
                let victims = (0..<8).map { Endpoint.spread(1_000 + (round * 8 + number) * 8 + $0) }
                dials += tapper.say(tapper.host(number), level: 0, see: victims)
            }
            dials += tapper.solo.advance(by: .milliseconds(100))
        }
        let hosts = Set((0..<8).map(tapper.host))
        let victims = dials.filter { !hosts.contains($0.to) }
        // 50 s at 3 a second, and 9 at once.
        #expect(victims.count <= 50 * 3 + 9)
        #expect(Dictionary(grouping: victims, by: \.to).values.allSatisfy { $0.count <= 3 })
        #expect(tapper.solo.node.hasTree(of: .tweets))
        #expect(tapper.solo.node.audit().isEmpty, "hosts and candidates are bounded")
    }

    @Test func redirect_toPrivateAddresses_isNotFollowedFromAPublicOne() {
        let tapper = Tapper(at: Solo.endpoint("9.8.7.6:42424"))
        let inside = Solo.endpoint("10.0.0.1:42424")
        var sent: [Solo.Sent] = []
        for number in 0..<8 { sent += tapper.say(tapper.host(number), level: 0, see: [inside, .spread(number)]) }
        sent += tapper.solo.advance(by: .seconds(10))
        #expect(sent.to(.spread(0)).count > 0)
        #expect(sent.to(inside).isEmpty)
    }

    @Test func parent_whenItMissesWhatOthersBring_staysTappedBesideAnother_untilItBringsSomething() {
        let tapper = served()
        let silent = tapper.parents[0]
        for number in 0..<4 {
            for parent in tapper.parents.dropFirst() { tapper.bring("message \(number)", from: parent) }
            tapper.tapper.solo.acceptDeliveries()
            tapper.tapper.solo.advance(by: .seconds(number == 3 ? 1 : 4))
        }
        #expect(tapper.reliable.contains(silent), "the last one may still come")
        let sent = tapper.tapper.solo.advance(by: .seconds(8))
        #expect(!tapper.reliable.contains(silent))
        #expect(tapper.tapper.serving.contains(silent) && tapper.tapper.holdsTap(silent))
        #expect(tapper.tapper.solo.counter("parents_silent") == 1)
        #expect(sent.contains { !tapper.parents.contains($0.to) }, "another one is asked")
        for parent in tapper.parents { tapper.bring("to all", from: parent) }
        tapper.tapper.solo.acceptDeliveries()
        tapper.tapper.solo.advance(by: .seconds(8))
        #expect(tapper.reliable.contains(silent))
    }

    /// Anybody can make signals up, and what came in further up in the tree may not have come to all of its branches.
    @Test(arguments: [(hop: 3, isAccepted: false), (hop: 4, isAccepted: true)])
    func parent_whenItMissesWhatIsNoEvidence_isKept(_ message: (hop: Int, isAccepted: Bool)) {
        let tapper = served()
        for number in 0..<20 {
            for parent in tapper.parents.dropFirst() { tapper.bring("\(number)", from: parent, hop: message.hop) }
            if message.isAccepted { tapper.tapper.solo.acceptDeliveries() }
            tapper.tapper.solo.advance(by: .seconds(1))
        }
        #expect(tapper.reliable == Set(tapper.parents))
    }

    @Test func parent_whenOnlyOneOtherBringsSomething_isKept() {
        let tapper = served()
        for number in 0..<20 {
            tapper.bring("a liar's \(number)", from: tapper.parents[1])
            tapper.tapper.solo.acceptDeliveries()
            tapper.tapper.solo.advance(by: .seconds(1))
        }
        #expect(tapper.tapper.serving == Set(tapper.parents))
    }

    @Test func parent_whenItDies_isReplacedWithinFortySeconds() {
        let tapper = served()
        let sent = tapper.tapper.solo.advance(by: .seconds(40))
        #expect(tapper.tapper.serving.isDisjoint(with: tapper.parents))
        // Each was asked before it was given up.
        for parent in tapper.parents { #expect(sent.to(parent).contains { $0.telex.signals["+end"] != nil }) }
    }

    @Test func parent_whenItSendsUsOn_isReplacedAtOnce() {
        let tapper = served()
        let next = Self.named(9)
        let sent = tapper.tapper.say(tapper.parents[0], level: 1, see: next)
        #expect(sent.contains { next.contains($0.to) })
        #expect(!tapper.tapper.serving.contains(tapper.parents[0]))
    }

    @Test func parent_thatStandsTooLow_isNone() {
        let tapper = served()
        tapper.tapper.say(tapper.parents[0], level: 3, see: nil)
        #expect(!tapper.tapper.serving.contains(tapper.parents[0]))
    }

    @Test func tapper_belowTheLowestServingLevel_servesNobody() {
        let tapper = served(level: 2)
        #expect(tapper.tapper.solo.node.standing(of: .tweets)?.level == 3)
        let newcomer = Endpoint.spread(5_000)
        let line = tapper.tapper.solo.prove(newcomer)
        let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])
        let answers = tapper.tapper.solo.receive(
            Telex(to: Solo.home, line: line, br: 0, tap: [rule], fields: [.init(key: "tree", text: "0/0")]),
            from: newcomer
        ).to(newcomer)
        #expect(
            answers.contains {
                $0.telex.see?.isEmpty == true && $0.telex.text(of: "tree")?.hasPrefix(NodeID.tweets.hex) == true
            })
        #expect(tapper.tapper.solo.node.status(now: tapper.tapper.solo.now).tapsTheirs == 0)
    }

    // MARK: A tapper with three parents

    private struct Served {
        let tapper: Tapper
        let parents: [Endpoint]

        var reliable: Set<Endpoint> { tapper.solo.node.reliable(.tweets) }

        func bring(_ text: String, from parent: Endpoint, hop: Int = 3) {
            tapper.solo.receive(
                Telex(to: Solo.home, line: tapper.lines[parent], br: 0, hop: hop, signals: .message(text)), from: parent
            )
        }
    }

    /// All roots sent us on, and three of those that they named serve us.
    private func served(level: Int = 1) -> Served {
        let tapper = Tapper()
        var dialled: Set<Endpoint> = []
        let named = Set((0..<8).flatMap(Self.named))
        for number in 0..<8 {
            let sent = tapper.say(tapper.host(number), level: level - 1, see: Self.named(number))
            dialled.formUnion(sent.map(\.to).filter(named.contains))
        }
        for peer in dialled {
            tapper.answer(peer)
            tapper.say(peer, level: level, see: nil)
        }
        tapper.solo.advance(by: .seconds(1))
        return Served(tapper: tapper, parents: dialled.sorted { $0.nodeID < $1.nodeID })
    }
}
