/// The figures of ``Exchange``: taps, relaying, publishing, and who brings what.
///
/// "Part A" and "part B" are the parts of the project's Telehash notes, T1…T28 its table of threats.
public struct ExchangeLimits: Sendable {
    init() {}

    // MARK: Buckets and lookups

    /// Each own end is looked up this often, plus up to a quarter; in between its hosts name who is new there.
    public var endLookupInterval: Duration = .seconds(300)
    /// Copies that go out before the lookup of their end is over.
    public var earlyCopies = 3

    // MARK: Taps

    /// Rules of others that name no value: each is held against every telex with its key. The receivers of 2011 have one.
    public var broadRules = 512
    /// Rules of others that name the same value of a key, channels apart, which have limits of their own (T16).
    public var rulesPerValue = 64
    /// Rules that one telex of ours carries: 12 of 80 bytes leave room for the header below 1400.
    public var ownRulesPerTelex = 12
    /// Copies of one set of signals that one switch sends, to tappers that understand trees and to the closest
    /// switches together: twice ``TreeLimits/tapsPerEnd``, so that a better copy may be relayed once more.
    public var copiesPerSignal = 64
    /// Copies a second that are sent beyond ``copiesPerSignal`` each: about half of what one core sends.
    public var copiesOf2011PerSecond = 50_000.0
    /// Copies at once beyond ``copiesPerSignal`` each.
    public var copyOf2011Burst = 10_000.0
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
}
