/// The figures of ``Exchange``: taps, relaying, publishing, and who brings what.
public struct ExchangeLimits: Sendable {
    /// Each own end is looked up this often, plus up to a quarter; in between its hosts name who is new there.
    public var endLookupInterval: Duration = .seconds(300)
    /// Copies that go out before the lookup of their end is over.
    public var earlyCopies = 3

    // MARK: Taps

    /// Rules of others that name no value: each is held against every telex with its key. The receivers of 2011 have one.
    public var broadRules = 512
    /// Those of one public address, IPv6 site (/48) or near address with its port, once half of ``broadRules`` are taken: as
    /// many receivers of 2011.
    public var broadRulesOfOne = 4
    /// Rules of others that name the same value of a key, channels apart, which have limits of their own (T16).
    public var rulesPerValue = 64
    /// Rules that one telex of ours carries: 12 of 80 bytes leave room for the header below 1400.
    public var ownRulesPerTelex = 12
    /// Copies of one set of signals that one switch sends, to tappers that understand trees and to the closest
    /// switches together: twice ``TreeLimits/tapsPerEnd``, so that a better copy may be relayed once more.
    public var copiesPerSignal = 64
    /// Copies that are sent beyond ``copiesPerSignal`` each: about half of what one core sends.
    public var copiesOf2011 = TokenRate(perSecond: 50_000, burst: 10_000)
    /// How long a message may take to come from all hosts before those are blamed that did not bring it.
    public var comparisonPatience: Duration = .seconds(5)
    /// Hosts that must have brought a message before others are blamed (T27).
    public var comparisonWitnesses = 2
    /// Hops over which a message comes from one of the closest switches when whoever published it handed it to all of
    /// them; a level further down in a tree it is one more. Others may not have got what came over more.
    public var evidenceHops = 2
    /// Messages in a row, ``comparisonPatience`` apart, that a host may miss which never brought any.
    public var missesOfNewHost = 2
    /// Messages in a row, as far apart, that a host may miss which brought some: at 10 % loss on two legs that happens to an honest one
    /// once in 20,000 messages.
    public var missesOfProvenHost = 6
    /// Hosts of one end that don't count at a time: half of the closest, so that those who disagree about the others
    /// still share hosts.
    public var silentHosts = 4
    /// How long another one is tapped beside a silent host, if it brings nothing meanwhile.
    public var silenceRemembered: Duration = .seconds(900)
    /// Messages that are compared at a time.
    public var comparedMessages = 64
    /// Hosts that are remembered over all ends.
    public var comparedHosts = 1_024

    // MARK: Signals

    /// The same signals are relayed once in this time (rule 7).
    public var relayOnce: Duration = .seconds(10)
    /// The same signals are delivered here once in this time (rule 7).
    public var deliverOnce: Duration = .seconds(600)
    /// Fingerprints that each of the two memories holds: up to 10 MB each when full.
    public var rememberedSignals = 131_072
    /// Adopted signals (rule 9).
    public var adoptions = TokenRate(perSecond: 50, burst: 200)
    /// Lookups of ends for their sake, eight questions each: nearly all are adopted at few ends, which are looked up once in
    /// ``RoutingLimits/lookupInterval``. Others go to the nearest that are known.
    public var adoptedLookups = TokenRate(perSecond: 5, burst: 40)
    /// Of these two, and of ``copiesOf2011``: a fifth is for the signals that one address brings, ten adoptions a second of a
    /// gateway of many clients; the burst of a script is three quarters of all. Clients of 2011 write rarely, so that most are
    /// newcomers.
    public var bringerParts = BudgetParts(ofNewcomers: 0.25, ofOne: 0.2, burstOfOne: 0.75)

    // MARK: Forgeries

    /// Signals with a wrong signature that one address may bring before it is suspected: one that flips a bit now and then
    /// is no forger, and what a flood brings before the first judgement is some hundred.
    public var forgeriesOfOne = TokenRate(perSecond: 0.2, burst: 20)
    /// The same of all together, before nobody's signals are passed on unjudged: as much as one deceived neighbour passes on.
    public var forgeriesOfAll = TokenRate(perSecond: 1, burst: 200)
    /// How long after the last forgery one is suspected.
    public var suspicion: Duration = .seconds(60)
    /// Signals that may wait to be judged at once of one suspect with a proven line, and how many more a second: what turns out to
    /// be no forgery costs nothing of it. Half of what receivers look at: an old neighbour that a forger floods brings its own people's, too.
    /// The same for all suspects without a line together: more than their share of ``LineLimits/strangerSignals`` for one host.
    public var suspectSignals = TokenRate(perSecond: 500, burst: 500)
    /// Signals beyond that which name one author with something taken in ``authorMemory``: more than a person writes.
    public var suspectSignalsOfAuthor = TokenRate(perSecond: 1, burst: 20)
    /// Such authors, 60 bytes each.
    public var authorsRemembered = 8_192
    /// How long they are remembered, up to twice that: who writes once a day is among them.
    public var authorMemory: Duration = .seconds(86_400)
    /// Signals that receivers may refuse without a look at their signature, of what one address brings, before it is suspected.
    public var uncheckedOfOne = TokenRate(perSecond: 10, burst: 100)
    /// The same of all together, before nobody's signals are passed on unjudged: about as many as a neighbour lets one bring.
    public var uncheckedOfAll = TokenRate(perSecond: 8, burst: 120)
    /// How long the signals of a delivery are kept for another's copy, up to twice that: a receiver has five seconds for one.
    public var judgementTime: Duration = .seconds(5)
    /// Such deliveries: 6 MB when all are long.
    public var undecidedSignals = 4_096
    /// Bringers of forgeries that are remembered, 120 bytes each.
    public var conductsRemembered = 4_096
    /// How long they are remembered after the last time, up to twice that.
    public var conductMemory: Duration = .seconds(1_800)
    /// Signals that wait to be judged, by fingerprint: 1 MB when full. Fingerprints of forgeries are as many, and remembered for as
    /// long, as those of all that was delivered.
    public var heldSignals = 16_384

    // MARK: Publishing

    /// Publications whose delivery is followed; the others are sent all the same.
    public var openPublications = 8_192
    /// Switches whose copy of a publication is followed: the closest, and tappers beyond them.
    public var followedSwitches = 24
    /// A publication is settled after this, whatever is still unknown.
    public var publicationLife: Duration = .seconds(5)
}

/// The figures of ``Trees``: which tapper serves which where an end has many.
public struct TreeLimits: Sendable {
    /// Tappers that understand trees and are served for one end; others are sent on to them. Three levels of 32 below
    /// 8 roots hold 270,592 tappers.
    public var tapsPerEnd = 32
    /// Tappers of 2011 that are served for one end beyond the others, because they can't be sent on.
    public var tapsOf2011PerEnd = 4_096
    /// Of these for one public address, IPv6 site (/48) or near address with its port: a household.
    public var tapsOf2011OfOne = 16
    /// Levels that serve others: the closest switches and two below. Copies reach the third below with the last hop.
    public var treeDepth = 3
    /// Hosts that are to bring us each message of an end, when the closest switches don't: with three, each of which
    /// misses 6 % when 2 % of the copies are lost, 1 message in 5,000 is missed by all.
    public var parentsWanted = 3
    /// Addresses that hosts named and that we may tap, per end.
    public var treeCandidates = 32
    /// Hosts that are remembered per end, those that sent us on included.
    public var treeHosts = 48
    /// Answers to taps for an end that has a tree; each answers one telex of a proven peer.
    public var redirects = TokenRate(perSecond: 2_000, burst: 4_000)
    /// Dials to addresses that hosts named, part of ``RoutingLimits/dials``: lookups keep the rest.
    public var treeDials = TokenRate(perSecond: 3, burst: 9)
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
