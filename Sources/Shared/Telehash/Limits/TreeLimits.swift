/// The figures of ``Trees``: which tapper serves which where an end has many.
///
/// "Part A" and "part B" are the parts of the project's Telehash notes, T1…T28 its table of threats.
public struct TreeLimits: Sendable {
    init() {}

    // MARK: Taps

    /// Tappers that understand trees and are served for one end; others are sent on to them. Three levels of 32 below
    /// 8 roots hold 270,592 tappers.
    public var tapsPerEnd = 32
    /// Tappers of 2011 that are served for one end beyond the others, because they can't be sent on.
    public var tapsOf2011PerEnd = 4_096
    /// Levels that serve others: the closest switches and two below. Copies reach the third below with the last hop.
    public var treeDepth = 3
    /// Hosts that are to bring us each message of an end, when the closest switches don't: with three, each of which
    /// misses 6 % when 2 % of the copies are lost, 1 message in 5,000 is missed by all.
    public var parentsWanted = 3
    /// Addresses that hosts named and that we may tap, per end.
    public var treeCandidates = 32
    /// Hosts that are remembered per end, those that sent us on included.
    public var treeHosts = 48
    /// Answers a second to taps for an end that has a tree; each answers one telex of a proven peer.
    public var redirectsPerSecond = 2_000.0
    /// Answers at once to taps for an end that has a tree.
    public var redirectBurst = 4_000.0
    /// Dials a second to addresses that hosts named, part of ``RoutingLimits/dialsPerSecond``: lookups keep the rest.
    public var treeDialsPerSecond = 3.0
    /// Dials at once to addresses that hosts named.
    public var treeDialBurst = 9.0
    /// How long a dialled switch may take to answer before the next one is dialled: a round trip and a greeting.
    public var dialPatience: Duration = .seconds(2)
    /// How long a host may take to say whether it holds our tap.
    public var tapAnswerPatience: Duration = .milliseconds(1_500)
    /// Taps that a host may leave unanswered.
    public var tapTries = 2
    /// A parent of which nothing was heard for so long is asked for a sign of life.
    public var parentPing: Duration = .seconds(27)
    /// A parent of which nothing was heard for so long is given up: two questions were left unanswered.
    public var parentSilence: Duration = .seconds(32)
    /// How long a message may take to come from all parents.
    public var newsPatience: Duration = .seconds(4)
    /// Messages in a row, ``newsPatience`` apart, that a parent may miss: at 6 % each that happens by chance once in 77,000 messages.
    public var missesOfSilentParent = 4
    /// Parents that must have brought a message before another one is blamed for missing it, so that one liar can't
    /// make us leave honest ones.
    public var witnesses = 2
    /// Messages of one end that its parents are compared by at a time.
    public var comparedNews = 32
    /// How long parents beyond ``parentsWanted`` are kept.
    public var surplusPatience: Duration = .seconds(5)
    /// Pause before the closest switches are asked again by a tapper that has too few parents.
    public var rootRetry: Duration = .seconds(8)
    /// The same for one that has some parents, but too few.
    public var rootRetryOfServed: Duration = .seconds(30)
    /// Pause before one of the closest switches is asked again by a tapper that none of them serves.
    public var rootClimb: Duration = .seconds(240)
    /// Lookups in a row that must miss one of the closest switches before it is none any more.
    public var lookupsUntilRootIsForgotten = 2
    /// At most one `.tap` in this time only to tell a root how many other parents we have.
    public var markInterval: Duration = .seconds(5)
    /// How long somebody who sent us on is not asked again.
    public var refusalMemory: Duration = .seconds(60)
    /// How long it is remembered that an end has a tree.
    public var treeMemory: Duration = .seconds(600)
    /// How long our own level is remembered while nothing changes.
    public var levelMemory: Duration = .seconds(1)
    /// How long we may stand too low before our tappers are sent on: time to find another parent.
    public var tooLowPatience: Duration = .seconds(5)
    /// How often a tree that is not complete is looked at.
    public var treePace: Duration = .milliseconds(500)
    /// How often a complete tree is looked at.
    public var treeRest: Duration = .seconds(4)
}
