import TelehashWire
import Testing

@testable import Telehash

/// Who counts as a parent.
@Suite struct ParentsTests {
    private let limits = Limits.default
    private let near = (0..<400).map(Endpoint.spread).sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }

    /// A tapper that holds taps at these hosts, all of which say that they serve it.
    private func tree(servedBy hosts: [Endpoint]) -> Parents {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        for host in hosts {
            tree.assume(host, isReserve: false, now: .zero)
            tree.isServed(by: host, level: 0, now: .zero)
        }
        return tree
    }

    /// A switch may believe of nine others that they are the closest, and be served by all of them, while everybody else
    /// publishes elsewhere.
    @Test func hosts_behindTheClosest_areReservesAndNoParents() {
        var tree = tree(servedBy: Array(near[8..<17]))
        #expect(tree.parents.count == 9)
        tree.foundRoots(Array(near[0..<17]), now: .zero)
        #expect(tree.serving.count == 9)
        #expect(tree.parents.isEmpty)
        for root in near[0..<8] {
            tree.didTap(root, mark: tree.mark(for: root, children: 0), now: .zero)
            tree.isSentOn(
                by: root, level: 0, to: [], teller: LineTable.Handle(slot: 0, generation: 0), now: .zero
            )
        }
        let later = Instant.zero.advanced(by: limits.trees.rootRetry * 2)
        #expect(tree.rootsToAsk(now: later) == limits.trees.parentsWanted)
        #expect(tree.mark(for: near[0], children: 0) == TreeMark(parents: 0, children: 0))
        // Without anybody better they still tell how low we stand.
        #expect(tree.level == 1)
    }

    @Test func root_thatSaysItStandsLower_isNone_untilALookupFindsItAgain() {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        tree.foundRoots(Array(near[0..<8]), now: .zero)
        tree.isSentOn(
            by: near[3], level: 3, to: [], teller: LineTable.Handle(slot: 0, generation: 0), now: .zero)
        func certain() -> [Endpoint] { tree.hosts.filter(\.isCertainRoot).map(\.endpoint) }
        #expect(certain() == near[0..<8].filter { $0 != near[3] })
        #expect(tree.host(at: near[3])?.isPlainRoot == true, "what it says again has us look again")
        tree.foundRoots(Array(near[0..<8]), now: .zero)
        #expect(certain() == Array(near[0..<8]))
    }

    /// Who is asked by thousands at once does not answer all of them, and is a root all the same.
    @Test func silentRoots_areKnown_andLookedForAgain_laterAndLater() {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        let answering = Array(near[2..<10])
        for round in 0..<2 {
            tree.foundRoots(answering, silent: Array(near[0..<2]), now: .zero)
            #expect(Set(tree.hosts.filter(\.isCertainRoot).map(\.endpoint)) == Set(near[0..<10]))
            #expect(near[0..<2].allSatisfy { tree.host(at: $0)?.wantsTap != true })
            #expect(tree.pauseOfLookup == limits.routing.silentFor * (round + 1))
        }
        for _ in 0..<80 { tree.foundRoots(answering, silent: [near[0]], now: .zero) }
        #expect(tree.pauseOfLookup == limits.exchange.endLookupInterval)
        #expect(tree.index(of: near[1]) == nil, "nobody names it any more")
        tree.foundRoots(Array(near[0..<8]), now: .zero)
        #expect(tree.pauseOfLookup == nil)
    }

    @Test func reserve_thatComesToBeAmongTheClosest_isAParent() {
        var tree = tree(servedBy: [near[8]])
        tree.foundRoots(Array(near[0..<9]), now: .zero)
        #expect(tree.parents.isEmpty)
        tree.foundRoots(Array(near[1..<9]), now: .zero)
        #expect(tree.parents.map(\.endpoint) == [near[8]])
    }

    @Test func thoseBesideTheRoots_countAsOthers_unlessACrowdStandsAroundTheEnd() {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        tree.foundRoots(Array(near[..<13]), now: .zero)
        let solo = Solo()
        func told(_ slots: ArraySlice<Endpoint>) -> [Endpoint] {
            let lines = solo.node.exchange.lines
            return solo.node.exchange.rootsFirst(slots.compactMap { lines.slot(of: $0) }, of: tree)
                .map { lines[$0].endpoint }
        }
        for reserve in near[8..<20] { solo.prove(reserve) }
        #expect(told(near[8..<13]) == Array(near[8..<8 + limits.exchange.earlyCopies]))
        // The roots may be sybils then, who say nothing.
        #expect(told(near[8..<20]) == Array(near[8..<13]))
    }

    /// The closest, and some of the reserves, may be sybils that hold every tap and say nothing.
    @Test func reserve_thatSendsUsOn_isReplacedByOneTapperBelowIt() throws {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        tree.foundRoots(Array(near[0..<12]), now: .zero)
        let handle = LineTable.Handle(slot: 0, generation: 0)
        for host in near[0..<8] + near[10..<12] { tree.isServed(by: host, level: 0, now: .zero) }
        tree.isSentOn(by: near[8], level: 0, to: Array(near[20..<28]), teller: handle, now: .zero)
        tree.isSentOn(by: near[9], level: 0, to: Array(near[30..<38]), teller: handle, now: .zero)
        #expect(tree.candidates.count == 2 * limits.trees.parentsWanted)

        var taken: [Endpoint] = []
        while let next = tree.takeCandidate(now: .zero) { taken.append(next.branch) }
        #expect(Set(taken) == Set(near[8...9]))
        #expect(taken.count == 2)
        #expect(tree.parents.map(\.endpoint) == Array(near[0..<8]))
        let below = try #require(tree.hosts.first { $0.branch == near[9] && !$0.isRoot })
        #expect(below.isReserve)
        let later = Instant.zero.advanced(by: limits.trees.surplusPatience * 2)
        tree.isServed(by: below.endpoint, level: 1, now: .zero)
        #expect(tree.surplus(now: later).isEmpty)

        tree.lose(below.endpoint, now: .zero)
        #expect(tree.takeCandidate(now: .zero)?.branch == near[9])
        #expect(tree.takeCandidate(now: .zero) == nil)

        // When the reserve comes to be one of the closest, whoever stands below it is no reserve either.
        tree.foundRoots(Array(near[1..<9]), now: .zero)
        #expect(tree.hosts.filter { $0.branch == near[8] }.allSatisfy { !$0.isReserve })
    }

    /// A colluder holds every tap and drops everything, and looks like a root of 2011 to which nobody has spoken yet.
    @Test func root_thatSaysNothing_isNoReasonToLookForNobodyElse_untilItBringsSomething() {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        tree.foundRoots(Array(near[0..<8]), now: .zero)
        for root in near[0..<3] {
            tree.isServed(by: root, level: 0, isAssumed: true, now: .zero)
        }
        let handle = LineTable.Handle(slot: 0, generation: 0)
        for root in near[3..<8] {
            let number = near.firstIndex(of: root)!
            let named = near[(number * 10)..<(number * 10 + 2)]
            tree.isSentOn(by: root, level: 0, to: Array(named), teller: handle, now: .zero)
        }
        #expect(tree.parents.count == 3)
        #expect(tree.taken == 0)
        #expect(
            tree.mark(for: near[5], children: 0) == TreeMark(parents: 0, children: 0), "nobody is known to serve us")

        tree.isServed(by: near[0], level: 0, now: .zero)
        #expect(tree.taken == 1, "it said so")
        let start = Instant.zero.advanced(by: .seconds(1))
        tree.news.note(1, of: .tweets, from: near[1], isWitness: true, isNews: true, now: start)
        #expect(tree.judge(now: start.advanced(by: limits.trees.newsPatience)) == 0)
        #expect(tree.taken == 2, "it brought something")
        #expect(tree.mark(for: near[5], children: 0) == TreeMark(parents: 2, children: 0))

        #expect(tree.takeCandidate(now: start) != nil)
        #expect(tree.takeCandidate(now: start) == nil, "three are enough")
        #expect(tree.parents.count == 3)
    }

    @Test func region_withAsManySwitchesAsAreEverAsked_leavesRoomForTappersBelow() {
        var tree = Parents(end: .tweets, now: .zero, limits: .default)
        tree.foundRoots(Array(near.prefix(limits.routing.regionSwitches)), now: .zero)
        let handle = LineTable.Handle(slot: 0, generation: 0)
        tree.isSentOn(by: near[0], level: 0, to: Array(near[40..<48]), teller: handle, now: .zero)
        for root in near[1..<8] {
            tree.isSentOn(by: root, level: 0, to: [], teller: handle, now: .zero)
        }
        var taken = 0
        while tree.takeCandidate(now: .zero) != nil { taken += 1 }
        #expect(taken == limits.trees.parentsWanted)
        #expect(tree.hosts.count <= limits.trees.treeHosts)
    }
}

@Suite struct TreeMarkTests {
    private func tap(_ text: String?) -> Telex {
        Telex(tap: [TapRule()], fields: text.map { [.init(key: "tree", text: $0)] } ?? [])
    }

    @Test func marks_areOneWordForEachRule() {
        let marks = TreeMarks(of: tap("- 3/17 0/0"))
        #expect(marks?[0] == .plain)
        #expect(marks?[1] == TreeMark(parents: 3, children: 17))
        #expect(marks?[2] == TreeMark(parents: 0, children: 0))
        #expect(marks?[3] == .plain)
    }

    @Test func marks_whenTheKeyIsMissing_sayThatThePeerKnowsNothingOfTrees() {
        #expect(TreeMarks(of: tap(nil)) == nil)
    }

    @Test(arguments: ["", " ", "x", "1", "1/", "/1", "1/2/3", "1.5/2", "99999999999999999999/1", "\u{0}"])
    func marks_whenTheyMakeNoSense_arePlain(_ text: String) {
        #expect(TreeMarks(of: tap(text))?[0] == .plain)
    }

    @Test(arguments: [("-1/5", 0, 5), ("5/-1", 5, 0), ("123456/1", 9_999, 1)])
    func marks_whenCountsAreOutOfRange_areCut(_ text: String, parents: Int, children: Int) {
        #expect(TreeMarks(of: tap(text))?[0] == TreeMark(parents: parents, children: children))
    }

    @Test func marks_whenWritten_areReadBack() {
        let marks: [TreeMark] = [.plain, TreeMark(parents: 2, children: 9), .plain, .plain]
        let text = TreeMarks.text(marks)
        #expect(text == "- 2/9")
        let read = TreeMarks(of: tap(text))
        #expect(marks.indices.map { read?[$0] } == marks)
        #expect(TreeMarks.text([.plain, .plain]) == "-")
        #expect(TreeMarks.text([]) == "")
    }

    @Test func notice_whenWritten_isReadBack() {
        let notice = TreeNotice(end: .tweets, level: 2)
        #expect(TreeNotice(of: Telex(fields: [.init(key: "tree", text: notice.text)])) == notice)
    }

    @Test(arguments: ["", "x", "0", "\(NodeID.tweets.hex)", "\(NodeID.tweets.hex) 5", "\(NodeID.tweets.hex) -1", "- 0"])
    func notice_whenItMakesNoSense_isNone(_ text: String) {
        #expect(TreeNotice(of: Telex(fields: [.init(key: "tree", text: text)])) == nil)
    }

    @Test func notice_besideATap_isTheTapsMark() {
        let telex = Telex(tap: [], fields: [.init(key: "tree", text: TreeNotice(end: .tweets, level: 1).text)])
        #expect(TreeNotice(of: telex) == nil)
    }
}
