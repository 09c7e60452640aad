import TelehashWire
import Testing

@testable import Telehash

/// A switch that says something at an end which it taps through a tree: it has lines to its parents, and knows the
/// roots without having lines to them.
@Suite struct TreeSpeakerTests {
    private let solo = Solo()
    /// The nearest to the end of many, nearest first: eight roots, then others.
    private let near = (9_000..<9_400).map(Endpoint.spread)
        .sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
    private var roots: [Endpoint] { Array(near[..<8]) }

    init() {
        solo.tap([.tweets])
        let now = solo.now
        solo.node.exchange.trees[.tweets] = Parents(end: .tweets, now: now, limits: .default)
        solo.node.exchange.trees[.tweets]?.foundRoots(roots, now: now)
        // They sent us on, long ago.
        for root in roots { solo.node.exchange.trees[.tweets]?.lose(root, now: now) }
    }

    private func speak() -> [Solo.Sent] { solo.publish(.message("hello"), end: .tweets) }

    @Test func roots_withoutALine_areDialledAtOnce_andGetTheirCopyWhenTheyAnswer() throws {
        solo.prove(near[0])
        for other in 20..<28 { solo.prove(near[other]) }
        let sent = speak()
        #expect(sent.carrying("hello").map(\.to).first == near[0])
        let lines = solo.node.exchange.lines
        for root in roots[1...] {
            #expect(lines.slot(of: root).flatMap { lines[$0].dialledAt } != nil, "\(root)")
        }

        // An answer to the dial proves the line, and says that the root is a switch.
        let ring = try #require(lines.slot(of: near[3]).map { lines[$0].proof.ringOut })
        let answer = solo.receive(Telex(to: Solo.home, line: ring * 55, br: 0, see: []), from: near[3])
        let copies = answer.to(near[3]).carrying("hello")
        #expect(copies.count == 1)
        #expect(copies.allSatisfy { $0.telex.hop == 1 })
    }

    @Test func others_getACopy_onlyWhileFewRootsAreKnownToAnswer() {
        for other in 20..<28 { solo.prove(near[other]) }
        solo.prove(near[0])
        let sent = speak().carrying("hello").map(\.to)
        #expect(sent.count == solo.node.exchange.limits.exchange.earlyCopies)
        #expect(sent.contains(near[0]))

        // Whoever becomes known meanwhile and is no root would hand the message on with a hop more.
        let before = solo.counter("hand_overs")
        solo.prove(near[10])
        #expect(solo.counter("hand_overs") == before)
        solo.prove(near[5])
        #expect(solo.counter("hand_overs") == before + 1)
    }

    @Test func thoseBesideTheRoots_countAsOthers_unlessACrowdStandsAroundTheEnd() {
        solo.node.exchange.trees[.tweets]?.foundRoots(Array(near[..<13]), now: solo.now)
        for reserve in 8..<13 { solo.prove(near[reserve]) }
        #expect(speak().carrying("hello").count == solo.node.exchange.limits.exchange.earlyCopies)

        // The roots may be sybils then, who say nothing.
        for other in 13..<20 { solo.prove(near[other]) }
        let slots = near[8..<20].compactMap { solo.node.exchange.lines.slot(of: $0) }
        let tree = solo.node.exchange.trees[.tweets]
        #expect(tree.map { solo.node.exchange.rootsFirst(slots, of: $0) } == Array(slots[..<5]))
    }

    @Test func rootThatDidNotAnswerALookup_isDialledByWhoeverSpeaks_andLookedForAgain() {
        let silent = near[0]
        solo.node.exchange.trees[.tweets] = Parents(end: .tweets, now: solo.now, limits: .default)
        let others = near[1...8].map { (endpoint: $0, line: solo.prove($0)) }
        // The lookups that new switches bring about find nobody.
        solo.advance(by: .seconds(20))
        solo.lookUp(.tweets)
        for _ in 0..<3 {
            for other in others {
                solo.receive(Telex(to: Solo.home, line: other.line, br: 0, see: [silent]), from: other.endpoint)
            }
        }
        let dials = solo.advance(by: .seconds(10)).to(silent)
        #expect(solo.found.count == 1)
        let tree = solo.node.exchange.trees[.tweets]
        #expect(tree?.hosts.first { $0.endpoint == silent }?.isCertainRoot == true)
        let exchange = solo.node.exchange
        let roots = exchange.trees.certainRoots(of: .tweets)
        #expect(roots.filter { exchange.lines.provenSlot(of: $0) == nil } == [silent])
        #expect(dials.allSatisfy { $0.telex.tap == nil }, "nobody asks it for a place meanwhile")

        // It is passed over for a while, and then looked for earlier than all are anyway.
        let wait = solo.now.duration(to: solo.node.exchange.ownTaps.deadline)
        #expect(wait > solo.node.exchange.limits.routing.silentFor * 0.8)
        #expect(wait < solo.node.exchange.limits.routing.silentFor * 1.5)
    }

    @Test func aLookup_ofTheEnd_beginsWithTheRoots() {
        solo.prove(near[300])
        solo.lookUp(.tweets)
        let lookup = solo.node.exchange.routing.lookups.running.first { $0.target == .tweets }
        #expect(lookup?.candidates.prefix(8).map(\.endpoint) == roots)
    }
}
