import Telehash
import TelehashWire
import Testing

/// A switch that says something at an end which it taps through a tree: it has lines to its parents, and knows the
/// roots without having lines to them.
@Suite struct TreeSpeakerTests {
    private static let lines = 12
    private let solo: Solo
    /// The nearest to the end of many, nearest first: eight roots, then others.
    private let near = (9_000..<9_400).map(Endpoint.spread)
        .sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
    private var roots: [Endpoint] { Array(near[..<8]) }

    init() {
        var limits = Limits.default
        limits.lines.provenLines = Self.lines
        solo = Solo(limits: limits)
        solo.tap([.tweets])
        let lines = roots.map { (endpoint: $0, number: solo.prove($0)) }
        // The lookups that new switches bring about find nobody.
        repeat {
            solo.advance(by: .milliseconds(500))
        } while solo.node.isLookedUp(
            .tweets, within: .seconds(5), now: solo.now)
        // All of them send us on, to nobody, and a lookup finds them.
        for root in lines { sendOn(root.endpoint, line: root.number) }
        solo.lookUp(.tweets)
        for _ in 0..<8 where solo.found.isEmpty {
            for root in lines {
                solo.receive(Telex(to: Solo.home, line: root.number, br: 0, see: []), from: root.endpoint)
            }
        }
        // Their lines give way to others, far from the end, which give way to whatever a test needs.
        for far in near.suffix(Self.lines) {
            solo.advance(by: .milliseconds(1))
            solo.prove(far)
        }
        solo.advance(by: .milliseconds(1))
    }

    /// A host says that it does not hold our tap, and names nobody who does.
    private func sendOn(_ host: Endpoint, line: Int) {
        let field = Telex.Field(key: "tree", text: "\(NodeID.tweets.hex) 0")
        solo.receive(Telex(to: Solo.home, line: line, br: 0, see: [], fields: [field]), from: host)
    }

    @Test func itBegins_withRootsThatItHasNoLinesTo() {
        #expect(solo.found.map(\.closest) == [roots])
        #expect(solo.node.certainRoots(of: .tweets) == roots)
        #expect(roots.allSatisfy { !solo.node.hasProvenLine(to: $0) })
        #expect(solo.node.serving(.tweets).isEmpty)
    }

    private func speak() -> [Solo.Sent] { solo.publish(.message("hello"), end: .tweets) }

    @Test func roots_withoutALine_areDialledAtOnce_andGetTheirCopyWhenTheyAnswer() throws {
        solo.prove(near[0])
        for other in 20..<28 { solo.prove(near[other]) }
        let sent = speak()
        #expect(sent.carrying("hello").map(\.to).first == near[0])
        for root in roots[1...] { #expect(solo.node.ringDialled(to: root) != nil, "\(root)") }

        // An answer to the dial proves the line, and says that the root is a switch.
        let ring = try #require(solo.node.ringDialled(to: near[3]))
        let answer = solo.receive(Telex(to: Solo.home, line: ring * 55, br: 0, see: []), from: near[3])
        let copies = answer.to(near[3]).carrying("hello")
        #expect(copies.count == 1)
        #expect(copies.allSatisfy { $0.telex.hop == 1 })
    }

    @Test func others_getACopy_onlyWhileFewRootsAreKnownToAnswer() {
        for other in 20..<28 { solo.prove(near[other]) }
        solo.prove(near[0])
        let sent = speak().carrying("hello").map(\.to)
        #expect(sent.count == Limits.default.exchange.earlyCopies)
        #expect(sent.contains(near[0]))

        // Whoever becomes known meanwhile and is no root would hand the message on with a hop more.
        let before = solo.counter("hand_overs")
        solo.prove(near[10])
        #expect(solo.counter("hand_overs") == before)
        solo.prove(near[5])
        #expect(solo.counter("hand_overs") == before + 1)
    }

    @Test func rootThatDidNotAnswerALookup_isDialledByWhoeverSpeaks_andLookedForAgain() {
        let solo = Solo()
        solo.tap([.tweets])
        let silent = near[0]
        let others = near[1...8].map { (endpoint: $0, line: solo.prove($0)) }
        // The lookups that new switches bring about find nobody.
        solo.advance(by: .seconds(20))
        let notice = Telex.Field(key: "tree", text: "\(NodeID.tweets.hex) 0")
        solo.receive(Telex(to: Solo.home, line: others[0].line, br: 0, see: [], fields: [notice]), from: near[1])
        solo.lookUp(.tweets)
        for _ in 0..<3 {
            for other in others {
                solo.receive(Telex(to: Solo.home, line: other.line, br: 0, see: [silent]), from: other.endpoint)
            }
        }
        let dials = solo.advance(by: .seconds(10)).to(silent)
        #expect(solo.found.count == 1)
        #expect(solo.node.certainRoots(of: .tweets).filter { !solo.node.hasProvenLine(to: $0) } == [silent])
        #expect(dials.allSatisfy { $0.telex.tap == nil }, "nobody asks it for a place meanwhile")

        // It is passed over for a while, and then looked for earlier than all are anyway.
        let wait = solo.now.duration(to: solo.node.nextEndLookup)
        #expect(wait > Limits.default.routing.silentFor * 0.8)
        #expect(wait < Limits.default.routing.silentFor * 1.5)
    }

    @Test func aLookup_ofTheEnd_beginsWithTheRoots() {
        solo.prove(near[300])
        solo.lookUp(.tweets)
        #expect(solo.node.lookupCandidates(of: .tweets).prefix(8) == roots[...])
    }
}
