import Telehash
import TelehashWire
import Testing

/// A switch that holds its limit of taps for an end.
@Suite struct TreeHostTests {
    private static func limits(_ change: (inout Limits) -> Void = { _ in }) -> Limits {
        var limits = Limits.default
        limits.trees.tapsPerEnd = 4
        limits.exchange.copiesPerSignal = 8
        change(&limits)
        return limits
    }

    /// A switch with tappers of one end; each says the same about itself.
    private final class Host {
        let solo: Solo
        private(set) var lines: [Endpoint: Int] = [:]

        init(tappers: Int, mark: String?, limits: Limits = TreeHostTests.limits()) {
            solo = Solo(limits: limits)
            for number in 0..<tappers { tap(from: Self.tapper(number), mark: mark) }
        }

        static func tapper(_ number: Int) -> Endpoint { .spread(number) }

        @discardableResult
        func tap(from peer: Endpoint, mark: String?, isSwitch: Bool = true) -> [Solo.Sent] {
            let line = lines[peer] ?? solo.prove(peer, isSwitch: isSwitch)
            lines[peer] = line
            let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])
            let fields = mark.map { [Telex.Field(key: "tree", text: $0)] } ?? []
            return solo.receive(Telex(to: Solo.home, line: line, br: 0, tap: [rule], fields: fields), from: peer)
        }

        /// Who gets a copy of signals that arrive with this hop.
        func relay(_ text: String, hop: Int = 1, from sender: Endpoint = .spread(999)) -> [Endpoint] {
            let line = lines[sender] ?? solo.prove(sender)
            lines[sender] = line
            let telex = Telex(to: Solo.home, line: line, br: 0, hop: hop, signals: .message(text))
            return solo.receive(telex, from: sender).carrying(text).map(\.to)
        }
    }

    private func tappers(_ numbers: Range<Int>) -> Set<Endpoint> { Set(numbers.map(Host.tapper)) }

    @Test func tap_whenTheEndIsFull_isAnsweredWithTappersThatAreServed() throws {
        let host = Host(tappers: 4, mark: "0/0")
        let newcomer = Host.tapper(4)
        let answers = host.tap(from: newcomer, mark: "-").to(newcomer)
        let answer = try #require(answers.first)
        #expect(answers.count == 1)
        #expect(Set(answer.telex.see ?? []) == tappers(0..<4))
        #expect(answer.telex.text(of: "tree") == "\(NodeID.tweets.hex) 0")
        #expect(answer.telex.hop == 0)
        #expect(answer.telex.line != nil)
        #expect(Set(host.relay("to the four")) == tappers(0..<4))
    }

    @Test func tap_whenThereIsRoom_isHeldWithoutAWord() {
        let host = Host(tappers: 3, mark: "-")
        #expect(host.tap(from: Host.tapper(3), mark: "-").isEmpty)
        #expect(Set(host.relay("to the four")) == tappers(0..<4))
    }

    @Test func tap_ofAnotherEnd_isHeldWhileOneIsFull() {
        let host = Host(tappers: 4, mark: "0/0")
        let newcomer = Host.tapper(4)
        let line = host.solo.prove(newcomer)
        let other = NodeID(sha1Of: "another end")
        let rules = [NodeID.tweets, other].map { TapRule(is: ["+end": $0.hex], has: ["+key"]) }
        host.solo.receive(
            Telex(to: Solo.home, line: line, br: 0, tap: rules, fields: [.init(key: "tree", text: "-")]),
            from: newcomer)
        #expect(!host.relay("tweets").contains(newcomer))
        let sent = host.solo.receive(
            Telex(to: Solo.home, line: line, br: 0, hop: 1, signals: .message("other", end: other)), from: newcomer)
        #expect(sent.carrying("other").map(\.to) == [newcomer])
    }

    @Test func tap_ofSomebodyWithFewerParents_takesThePlaceOfOneWithMany() throws {
        let host = Host(tappers: 4, mark: "5/0")
        let newcomer = Host.tapper(4)
        let sent = host.tap(from: newcomer, mark: "0/0")
        let displaced = try #require(sent.first { $0.telex.see != nil })
        #expect(tappers(0..<4).contains(displaced.to))
        #expect(displaced.telex.see?.contains(displaced.to) == false)
        #expect(Set(host.relay("to the others")) == tappers(0..<5).subtracting([displaced.to]))
        #expect(host.solo.counter("taps_displaced") == 1)
    }

    @Test func tap_ofSomebodyWithAsFewParents_displacesNobody() {
        let host = Host(tappers: 4, mark: "1/0")
        host.tap(from: Host.tapper(4), mark: "1/0")
        #expect(Set(host.relay("to the four")) == tappers(0..<4))
    }

    @Test func tap_ofSomebodyWhomNobodyServes_takesThePlaceOfOneWithASecondRoot() {
        let host = Host(tappers: 4, mark: "1/0")
        host.tap(from: Host.tapper(4), mark: "0/0")
        #expect(host.relay("to four").contains(Host.tapper(4)))
        #expect(host.solo.counter("taps_displaced") == 1)
    }

    @Test func tap_ofANewcomerThatMayFindOthers_leavesTwoRootsToEach() {
        let host = Host(tappers: 4, mark: "1/0")
        host.tap(from: Host.tapper(4), mark: "-")
        #expect(Set(host.relay("to the four")) == tappers(0..<4))
    }

    @Test func displacement_sparesWhoServesOthers() {
        let host = Host(tappers: 3, mark: "5/9")
        host.tap(from: Host.tapper(3), mark: "5/0")
        host.tap(from: Host.tapper(4), mark: "0/0")
        #expect(Set(host.relay("without the fourth")) == tappers(0..<5).subtracting([Host.tapper(3)]))
    }

    @Test func tap_whenItIsRenewed_keepsItsPlace() {
        let host = Host(tappers: 4, mark: "0/0")
        host.tap(from: Host.tapper(4), mark: "0/0")
        let answers = host.tap(from: Host.tapper(2), mark: "0/0").to(Host.tapper(2))
        #expect(answers.map { $0.telex.text(of: "tree") } == ["\(NodeID.tweets.hex) 0"])
        #expect(answers.allSatisfy { $0.telex.see == nil })
        #expect(Set(host.relay("to the four")) == tappers(0..<4))
    }

    @Test func place_whenItsTapperIsGone_isFree() {
        let host = Host(tappers: 4, mark: "0/0")
        host.solo.receive(
            Telex(to: Solo.home, line: host.lines[Host.tapper(1)], br: 0, tap: []), from: Host.tapper(1))
        host.tap(from: Host.tapper(4), mark: "0/0")
        #expect(Set(host.relay("to the others")) == tappers(0..<5).subtracting([Host.tapper(1)]))
    }

    @Test func tappersOf2011_areServedAboveTheLimit() {
        let host = Host(tappers: 4, mark: "0/0")
        for number in 4..<30 {
            #expect(host.tap(from: Host.tapper(number), mark: nil).allSatisfy { $0.telex.fields.isEmpty })
        }
        #expect(Set(host.relay("to all")) == tappers(0..<30))
    }

    @Test func tappersOf2011_takeNoPlaceFromThoseThatCanBeSentOn() {
        let host = Host(tappers: 20, mark: nil)
        for number in 20..<24 { host.tap(from: Host.tapper(number), mark: "0/0") }
        #expect(Set(host.relay("to all")) == tappers(0..<24))
    }

    @Test func tappersOf2011_haveALimitOfTheirOwn() {
        let host = Host(tappers: 6, mark: nil, limits: TreeHostTests.limits { $0.trees.tapsOf2011PerEnd = 5 })
        #expect(Set(host.relay("to five")) == tappers(0..<5))
        #expect(host.solo.counter("taps_refused") == 1)
    }

    @Test func tappersOf2011_ofOneHost_haveAShare() {
        let host = Host(tappers: 3, mark: nil)
        let ports = (1_000..<1_030).map { Solo.endpoint("77.1.2.3:\($0)") }
        for port in ports { host.tap(from: port, mark: nil, isSwitch: false) }
        #expect(Set(host.relay("to sixteen")) == tappers(0..<3).union(ports.prefix(16)))
        #expect(host.solo.counter("taps_refused") == 14)
    }

    @Test func copiesToTappersOf2011_areBudgeted() {
        let limits = TreeHostTests.limits {
            $0.exchange.copiesOf2011.perSecond = 0
            $0.exchange.copiesOf2011.burst = 4
        }
        let host = Host(tappers: 20, mark: nil, limits: limits)
        #expect(host.relay("to eight and three").count == 8 + 3)
        #expect(host.solo.counter("copy_of2011_rate") == 9)
    }

    @Test func copiesToTappersOf2011_areLeftForWhatOthersBring() {
        let limits = TreeHostTests.limits {
            $0.exchange.copiesOf2011.perSecond = 100
            $0.exchange.copiesOf2011.burst = 100
        }
        let host = Host(tappers: 20, mark: nil, limits: limits)
        for number in 0..<20 { _ = host.relay("flood \(number)") }
        host.solo.advance(by: .seconds(1))
        for number in 20..<40 { _ = host.relay("flood \(number)") }
        #expect(Set(host.relay("of another", from: .spread(998))) == tappers(0..<20))
    }

    @Test func see_namesFullSwitchesOnly() throws {
        let host = Host(tappers: 3, mark: "0/0")
        host.tap(from: Host.tapper(3), mark: "0/0", isSwitch: false)
        let answer = try #require(host.tap(from: Host.tapper(4), mark: "-").to(Host.tapper(4)).first)
        #expect(Set(answer.telex.see ?? []) == tappers(0..<3))
    }

    @Test func child_thatIsNotKnownToBeASwitch_isAskedAtOnce_andNamedWhenItAnswers() throws {
        let host = Host(tappers: 3, mark: "0/0")
        let child = Host.tapper(3)
        let asked = host.tap(from: child, mark: "0/0", isSwitch: false).to(child).filter {
            $0.telex.signals["+end"] == NodeID.tweets.hex && $0.telex.hop == 0
        }
        #expect(asked.count == 1)
        host.solo.receive(Telex(to: Solo.home, line: host.lines[child], see: []), from: child)
        let answer = try #require(host.tap(from: Host.tapper(4), mark: "-").to(Host.tapper(4)).first)
        #expect(Set(answer.telex.see ?? []) == tappers(0..<4))
        #expect(host.tap(from: child, mark: "0/0").to(child).allSatisfy { $0.telex.signals.isEmpty })
    }

    @Test func children_whereHalfOfThePlacesAreFree_areNotAsked() {
        let host = Host(tappers: 0, mark: nil)
        #expect(host.tap(from: Host.tapper(0), mark: "-", isSwitch: false).isEmpty)
    }

    @Test func see_whenSomeHaveRoom_namesThoseFirst() throws {
        let limits = TreeHostTests.limits {
            $0.trees.tapsPerEnd = 12
            $0.exchange.copiesPerSignal = 24
        }
        let host = Host(tappers: 8, mark: "0/5", limits: limits)
        for number in 8..<12 { host.tap(from: Host.tapper(number), mark: "0/12") }
        let answer = try #require(host.tap(from: Host.tapper(12), mark: "-").to(Host.tapper(12)).first)
        #expect(Set(answer.telex.see ?? []) == tappers(0..<8))
    }

    @Test func tap_whenNobodyCouldBeNamed_isHeldAboveTheLimit() {
        let host = Host(tappers: 0, mark: nil, limits: TreeHostTests.limits { $0.exchange.copiesPerSignal = 16 })
        for number in 0..<12 { host.tap(from: Host.tapper(number), mark: "0/0", isSwitch: false) }
        #expect(Set(host.relay("to eight, which leaves room for the closest")) == tappers(0..<8))
    }

    @Test func see_isOneShortTelexOfAtMostEightAddresses() {
        let host = Host(tappers: 0, mark: nil, limits: TreeHostTests.limits { $0.trees.tapsPerEnd = 20 })
        func tapper(_ number: Int) -> Endpoint {
            Solo.endpoint("[2001:db8:ffff:\(1000 + number):1234:5678:9abc:def0]:65000")
        }
        for number in 0..<20 { host.tap(from: tapper(number), mark: "0/0") }
        let answers = host.tap(from: tapper(20), mark: "-").to(tapper(20))
        #expect(answers.count == 1)
        #expect(answers.allSatisfy { $0.telex.see?.count == 8 && $0.bytes.count <= WireLimits.originatedBytes })
    }

    @Test func answersToTaps_areBudgeted() {
        let limits = TreeHostTests.limits {
            $0.trees.redirects.perSecond = 0
            $0.trees.redirects.burst = 2
        }
        let host = Host(tappers: 4, mark: "0/0", limits: limits)
        host.solo.now = host.solo.now.advanced(by: .seconds(1))
        let answered = (4..<10).map { host.tap(from: Host.tapper($0), mark: "-").to(Host.tapper($0)).count }
        #expect(answered.reduce(0, +) <= 2)
        #expect(host.solo.counter("redirect_rate") >= 4)
    }

    @Test func tap_withoutAProvenLine_isAnsweredByNothing() {
        let host = Host(tappers: 4, mark: "0/0")
        let rule = TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])
        let sent = host.solo.receive(
            Telex(to: Solo.home, line: 77, tap: [rule], fields: [.init(key: "tree", text: "-")]), from: .spread(700))
        #expect(sent.isEmpty)
    }

    @Test func signals_whenACopyWithFewerHopsComesLater_areRelayedOnceMoreInATree() {
        let host = Host(tappers: 4, mark: "0/0")
        #expect(host.relay("late", hop: 3).count == 4)
        #expect(host.relay("late", hop: 3).isEmpty)
        // One of the closest may expect the publisher's own copy: a better one than that doesn't come.
        #expect(host.relay("late", hop: 2).isEmpty)
        #expect(host.relay("late", hop: 1).count == 4)
        #expect(host.relay("late", hop: 1).isEmpty)
        #expect(host.solo.counter("relayed_again") == 1)
    }

    @Test func signals_whereThereIsNoTree_areRelayedOnce() {
        let host = Host(tappers: 4, mark: "-")
        #expect(host.relay("late", hop: 3).count == 4)
        #expect(host.relay("late", hop: 1).isEmpty)
    }

    @Test func signals_whenAllWouldBeTooManyCopies_areRelayedOnce() {
        let host = Host(tappers: 4, mark: "0/0", limits: TreeHostTests.limits { $0.exchange.copiesPerSignal = 7 })
        #expect(host.relay("late", hop: 3).count == 4)
        #expect(host.relay("late", hop: 1).isEmpty)
    }
}
