/// The figures of ``Routing``: dials, seeds, the table, lookups and our own address.
public struct RoutingLimits: Sendable {
    /// Addresses in a `.see` to an unproven address (rule 3).
    public var strangerSee = 4

    /// Dials (rule 12); at once one lookup's worth.
    public var dials = TokenRate(perSecond: 10, burst: 20)
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
    /// Targets of `+pop` that are remembered: more than ``dials`` lets be greeted in ``popInterval``.
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
    /// How long nothing is heard from an address that sent a telex of ours back: a switch that is its own seed sends one in this time.
    public var mirrorMemory: Duration = .seconds(600)
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
    /// Pause after the first lookup of our own place when we got to know somebody at all; triples until it reaches
    /// ``ownLookupInterval``: switches that start together can name each other only a moment later.
    public var firstLookupPause: Duration = .seconds(1)
    /// Joins that follow each other closer than this share one lookup of our own place.
    public var joinLookupInterval: Duration = .seconds(5)
    /// Closest sets that are remembered between changes of the table.
    public var closestSets = 64

    /// Proven switches in different /16 that must be asked before their majority is believed (rule 11).
    public var addressVoters = 3
}
