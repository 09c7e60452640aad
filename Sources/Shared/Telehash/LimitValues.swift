/// The figures of ``Limits`` by name.
///
/// "Part A" and "part B" are the parts of the project's Telehash notes, T1…T28 its table of threats.
public struct LimitValues: Sendable {
    init() {}

    // MARK: Lines

    /// How long an answer that carries only `_line` is believed after our ring was sent (part A, rule 2).
    public var ringPending: Duration = .seconds(5)
    /// Wrong `_line` values that a pending ring survives: the quotient test passes one guess in 117 (rule 2).
    public var wrongAnswersWhilePending = 2
    /// Wrong `_line` values in ``wrongLineWindow`` after which the address's commands are not honoured (rule 2).
    public var wrongLinesBeforeLockOut = 8
    /// The time over which wrong `_line` values are counted (rule 2).
    public var wrongLineWindow: Duration = .seconds(60)
    /// A proven line older than this must carry `_line` in each telex (part B, section 3).
    public var strictLineAge: Duration = .seconds(10)
    /// At most one challenge of a changed ring a line in this time: fewer than ``wrongLinesBeforeLockOut`` in
    /// ``wrongLineWindow``, so that forged rings can't make us lock ourselves out at an honest peer.
    public var challengeInterval: Duration = .seconds(10)
    /// A line that was silent for so long is forgotten, with its taps (part B, section 4: real peers take 70 to 90 s).
    public var lineSilence: Duration = .seconds(70)
    /// A line that was never proven, and that we did not ask for, is forgotten after so long: strangers make it for
    /// nothing, and make it again when they return. Longer than the 30 s in which switches of 2011 and 2012 say the next
    /// thing, which proves it; what bounds their number is ``unprovenLines``.
    public var strangerSilence: Duration = .seconds(40)
    /// An address that sends a bare `.tap` is rung once in this time.
    public var bareTapInterval: Duration = .seconds(10)
    /// Addresses of bare taps that are remembered.
    public var bareTaps = 4_096
    /// Lines that are handed on to the next life of a switch.
    public var rememberedLines = 32
    /// Dials that speak a remembered line; what is not answered then rings anew.
    public var rememberedLineDials = 2
    /// Bytes by which more may have come over a remembered line than is known, below ``reportExcess``: a switch of 2011 that
    /// hears of less than it sent stays silent for ever.
    public var unrecordedBytes = 48_000
    /// A line that we want is asked something when one side was silent for so long: other traffic keeps it as well. Far
    /// enough from the 60 s of the specification for the question to be repeated.
    public var keepalive: Duration = .seconds(48)
    /// A keepalive that was not answered is repeated after so long, until the line counts as dead.
    public var keepaliveRepeat: Duration = .seconds(3)
    /// Switches that hold the taps of our ends get them again this often (rule 8: 25 s).
    public var tapRenewal: Duration = .seconds(24)
    /// Ringing lines, which cost strangers nothing to make (T17). Beyond it a random one gives way.
    public var unprovenLines = 4096
    /// Proven lines. Beyond it the one that was silent for longest gives way.
    public var provenLines = 16_384
    /// Telexes a second that one proven line may send us: several times what one core relays, so that nobody is held back
    /// who respects the windows, and a flood that does not is cut off before it costs more than its reading.
    public var lineTelexesPerSecond = 200_000.0
    /// Telexes that one proven line may send us at once: half a second at full rate.
    public var lineTelexBurst = 100_000.0

    // MARK: Windows

    /// Nothing is sent while more bytes than this are unreported (part B, section 5).
    public var sendWindow = 10_000
    /// Bytes by which a peer may report more than we sent (rule 5).
    public var reportExcess = 65_536
    /// Telexes are dropped while the peer has sent more than this since our last report (part B, section 5).
    public var receiveWindow = 12_000
    /// Bytes received after which a report goes out even if nothing else does (rule 5).
    public var reportEvery = 4_000
    /// Probes pass a closed window up to here, so that copies which just filled it are proven all the same; the peer
    /// drops us only at ``receiveWindow``.
    public var probeWindow = 11_800
    /// A closed window in which nothing moved for so long is probed: the answer tells how many bytes were lost.
    public var stalledWindow: Duration = .milliseconds(250)
    /// A closed window in which nothing moved for so long opens again (rule 5).
    public var stuckWindow: Duration = .seconds(3)
    /// Bytes a second to a peer that never reports `_br`: ten times what the fastest switch of 2011 could take in.
    public var silentPeerBytesPerSecond = 4_000_000.0
    /// Bytes at once to a peer that never reports `_br`.
    public var silentPeerBurst = 1_000_000.0
    /// Telexes that wait for a closed window, per line.
    public var queuedTelexes = 96
    /// Of ``queuedTelexes`` those that signals of proven peers may fill: what we ourselves publish always finds room.
    public var relayedQueuedTelexes = 80
    /// Of ``queuedTelexes`` those that signals of unproven addresses may fill: in a flood of them there is room for what
    /// proven peers have to say (T18).
    public var strangerQueuedTelexes = 64
    /// Bytes that wait for a closed window, per line.
    public var queuedBytes = 65_536

    // MARK: Strangers

    /// Bytes that an unproven address gets for each byte it sent (QUIC's bound, RFC 9000 section 8.1; T1).
    public var strangerFactor = 3
    /// Addresses in a `.see` to an unproven address (rule 3).
    public var strangerSee = 4
    /// Questions a second from all unproven addresses together (rule 12).
    public var requestsPerSecond = 100.0
    /// Questions at once from all unproven addresses together (rule 12).
    public var requestBurst = 400.0
    /// Telexes a second that are read at all, of all unproven addresses together that we did not dial: nine times what the
    /// two budgets below let through. The rest of a flood costs no more than a look at its sender's address (T18).
    public var strangerTelexesPerSecond = 10_000.0
    /// Telexes at once that are read of all unproven addresses together that we did not dial.
    public var strangerTelexBurst = 20_000.0
    /// Telexes with signals a second from all unproven addresses together: clients of 2011 post without a line, and
    /// a small node must pass on their bursts; they are never answered, so they can't be reflected.
    public var strangerSignalsPerSecond = 1_000.0
    /// Telexes with signals at once from all unproven addresses together.
    public var strangerSignalBurst = 4_000.0
    /// Bytes that our own dials are padded to: three times as much holds 8 IPv6 addresses (rule 3).
    public var dialBytes = 176

    // MARK: Dials

    /// Dials a second (rule 12).
    public var dialsPerSecond = 10.0
    /// Dials at once: one lookup's worth.
    public var dialBurst = 20.0
    /// The first dials to a public IP that are free; after them one in ``dialIPInterval`` (rule 12).
    public var dialsPerIP = 2
    /// See ``dialsPerIP``.
    public var dialIPInterval: Duration = .seconds(30)
    /// Dials without an answer, per address and life of its line (T12).
    public var unansweredDials = 3
    /// Pause between two dials to one address that did not answer.
    public var redialInterval: Duration = .seconds(2)
    /// Addresses that wait to be dialled.
    public var dialQueue = 256
    /// Public IPs whose dials are remembered.
    public var dialledIPs = 4096
    /// `+pop` greetings: one per target in this time (rule 12).
    public var popInterval: Duration = .seconds(30)
    /// Bytes that a greeting is padded to: three times as much holds two questions, of which one may be lost.
    public var greetingBytes = 104
    /// Targets of `+pop` that are remembered; when all are fresh no more greetings go out.
    public var popTargets = 512

    // MARK: Seeds

    /// Pause after the first dial to a seed while we know nobody; doubles at each try.
    public var seedBackoff: Duration = .seconds(1)
    /// The longest pause while we know nobody.
    public var seedBackoffCeiling: Duration = .seconds(10)
    /// Pause between dials to a lost seed while we know a few others, plus up to as much again, so that a seed that
    /// comes back is not met by everybody at once.
    public var lostSeedInterval: Duration = .seconds(30)
    /// The same while we know more than ``k`` others: only a mesh that fell in two needs seeds to find together.
    public var distantSeedInterval: Duration = .seconds(300)

    /// Switches that are remembered in case that we lose everybody: eight times k, of which one in eight may still be
    /// there after days.
    public var knownSwitches = 64
    /// The longest pause between two rounds of dials to them while we know nobody: at three dials a round, two dials in
    /// three seconds, for as long as it takes.
    public var knownBackoffCeiling: Duration = .seconds(300)

    // MARK: Buckets and lookups

    /// Entries of a bucket, answers in a `.see`, switches that hold our taps and get our signals: Kademlia's k.
    public var k = 8
    /// Replacements that a bucket remembers (rule 10).
    public var replacements = 16
    /// Entries of one /24 (IPv6: /64) in a bucket; loopback and private ranges are exempt (rule 10).
    public var perNarrowGroupInBucket = 2
    /// Entries of one /24 (IPv6: /48) in all buckets; loopback and private ranges are exempt (rule 10).
    public var perGroupInTable = 3
    /// Questions in flight in a lookup: Kademlia's α (rule 9).
    public var alpha = 3
    /// Switches that one lookup asks at most: with half of all entries dead it needs about 25 (reliability figures 4.2).
    public var lookupQuestions = 64
    /// How often one lookup asks a switch that does not answer.
    public var questionTries = 2
    /// Switches that one lookup has called by others when they don't answer.
    public var callsPerLookup = 8
    /// Switches that are asked to call one: three of which each may lose the request.
    public var callsPerSwitch = 3
    /// Candidates that one lookup remembers.
    public var lookupCandidates = 64
    /// Paths of a search whose result can't be true, the first included: S/Kademlia's d (T8).
    public var disjointPaths = 3
    /// Closest sets that must have answered on each path after the first.
    public var laterPathWidth = 3
    /// Places whose closest sets tell how densely the ring is inhabited.
    public var densitySamples = 32
    /// Places that must have been measured before anything is judged by them.
    public var densityQuorum = 3
    /// A closest set within which less than this share of its switches is expected is too dense: chance does that to 5
    /// sets of 100 (8 switches where 4 are expected).
    public var densestSet = 0.5
    /// A closest set within which more than this many times its switches are expected is too sparse: chance does that
    /// to 9 sets of 100 (less than 8 switches where 12 are expected).
    public var sparsestSet = 1.5
    /// Switches that hold our taps and get our signals when there are more than ``k`` in the region that should hold
    /// ``k`` (T9).
    public var regionSwitches = 32
    /// How long a lookup waits for an answer before it knows how long answers take.
    public var firstQuestionTimeout: Duration = .milliseconds(500)
    /// The shortest time that it waits when it knows.
    public var shortestQuestionTimeout: Duration = .milliseconds(200)
    /// The longest time that anything waits for an answer.
    public var questionTimeout: Duration = .seconds(2)
    /// Pause of a lookup that ran out of dials.
    public var lookupPause: Duration = .milliseconds(200)
    /// Lookups at once.
    public var lookups = 32
    /// Lookups that wait for their turn.
    public var lookupQueue = 256
    /// A publication needs no lookup when its end was looked up within this time: the lines that it made still stand.
    public var lookupInterval: Duration = .seconds(60)
    /// Each own end is looked up this often, plus up to a quarter; in between its hosts name who is new there.
    public var endLookupInterval: Duration = .seconds(300)
    /// Our own place, and one in the emptiest part of the table, are looked up this often, plus up to a quarter.
    public var ownLookupInterval: Duration = .seconds(900)
    /// An entry that was not heard for so long is asked whether it is still there (BEP 5: 15 minutes).
    public var entryFreshness: Duration = .seconds(900)
    /// At most one such question in this time, plus up to a quarter.
    public var checkPause: Duration = .seconds(4)
    /// Where an entry is dead more may be: so many are asked at once, unless they were heard within
    /// ``urgentFreshness``, with ``urgentCheckPause`` between them.
    public var checksAfterDeath = 3
    /// See ``checksAfterDeath``.
    public var urgentFreshness: Duration = .seconds(60)
    /// See ``checksAfterDeath``.
    public var urgentCheckPause: Duration = .milliseconds(250)
    /// An address that did not answer is not dialled again for so long, unless it speaks to us.
    public var silentFor: Duration = .seconds(60)
    /// Such addresses that are remembered.
    public var silentAddresses = 1024
    /// Copies that go out before the lookup of their end is over.
    public var earlyCopies = 3
    /// Pause after the first lookup of our own place when we got to know somebody at all; triples until it reaches
    /// ``ownLookupInterval``: switches that start together can name each other only a moment later.
    public var firstLookupPause: Duration = .seconds(1)
    /// Joins that follow each other closer than this share one lookup of our own place.
    public var joinLookupInterval: Duration = .seconds(5)
    /// Closest sets that are remembered between changes of the table.
    public var closestSets = 64

    // MARK: Taps

    /// Rules of others that name no value: each is held against every telex with its key. The receivers of 2011 have one.
    public var broadRules = 512
    /// Rules of others that name the same value of a key, channels apart, which have limits of their own (T16).
    public var rulesPerValue = 64
    /// Rules that one telex of ours carries: 12 of 80 bytes leave room for the header below 1400.
    public var ownRulesPerTelex = 12
    /// Tappers that understand trees and are served for one end; others are sent on to them. Three levels of 32 below
    /// 8 roots hold 270,592 tappers.
    public var tapsPerEnd = 32
    /// Copies of one set of signals that one switch sends, to tappers that understand trees and to the closest
    /// switches together: twice ``tapsPerEnd``, so that a better copy may be relayed once more.
    public var copiesPerSignal = 64
    /// Tappers of 2011 that are served for one end beyond the others, because they can't be sent on.
    public var tapsOf2011PerEnd = 4_096
    /// Copies a second that are sent beyond ``copiesPerSignal`` each: about half of what one core sends.
    public var copiesOf2011PerSecond = 50_000.0
    /// Copies at once beyond ``copiesPerSignal`` each.
    public var copyOf2011Burst = 10_000.0
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
    /// Dials a second to addresses that hosts named, part of ``dialsPerSecond``: lookups keep the rest.
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
    /// Fingerprints that each of the two memories holds: 5 MB each when full.
    public var rememberedSignals = 131_072
    /// Adopted signals a second (rule 9).
    public var adoptionsPerSecond = 50.0
    /// Adopted signals at once.
    public var adoptionBurst = 200.0

    // MARK: Publishing

    /// Publications whose delivery is followed; the others are sent all the same.
    public var openPublications = 8_192
    /// Switches whose copy of a publication is followed: the closest, and tappers beyond them.
    public var followedSwitches = 24
    /// A publication is settled after this, whatever is still unknown.
    public var publicationLife: Duration = .seconds(5)
    /// Time in which delivery must be proven before the signals are repeated (rule 9).
    public var repeatAfter: Duration = .seconds(2)
    /// At most one probe a line in this time: at 1,000 publications a second ten of them share one.
    public var probeInterval: Duration = .milliseconds(10)
    /// A probe that was not answered for so long is followed by another one.
    public var probeRepeat: Duration = .milliseconds(300)
    /// Copies on one line whose delivery is not known yet.
    public var handOversPerLine = 8_192
    /// Questions on one line whose answer is still out.
    public var questionsPerLine = 8

    // MARK: Own address

    /// Proven switches in different /16 that must be asked before their majority is believed (rule 11).
    public var addressVoters = 3

    // MARK: Hearing

    /// A question that nobody answered, and nobody else said anything either: so long later all switches that we need are asked.
    public var hearingCheck: Duration = .seconds(3)
    /// When nobody answered anything for so long we count as cut off, and begin again as if we knew nobody: three rounds
    /// of questions, each of which may be lost.
    public var deafAfter: Duration = .seconds(12)
    /// While we are cut off, all switches that we need are asked this often, beside the seeds.
    public var deafCheck: Duration = .seconds(10)

    // MARK: Housekeeping

    /// How soon a line with something to do is looked at again.
    public var sweep: Duration = .seconds(1)
    /// The shortest time between two looks at all lines.
    public var shortestSweep: Duration = .milliseconds(250)
}
