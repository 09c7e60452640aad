/// The figures of ``Lines``: proof, windows, queues, and the budgets of those who proved nothing.
public struct LineLimits: Sendable {
    // MARK: Lines

    /// How long an answer that carries only `_line` is believed after our ring was sent (part A, rule 2).
    public var ringPending: Duration = .seconds(5)
    /// Wrong `_line` values that a pending ring survives: the quotient test passes one guess in 117 (rule 2).
    public var wrongAnswersWhilePending = 2
    /// Wrong `_line` values in ``wrongLineWindow`` after which the address's commands are not honoured (rule 2).
    public var wrongLinesBeforeLockOut = 8
    /// The same on a proven line of values that can't contain the peer's ring: of 30 bits, so that one in several hours may
    /// pass at that rate, and twice as many as a forger sends who is to lock nobody out. The best numbers contain it once in
    /// 117 times, so that a lock-out takes a thousand forgeries a minute, and ends with them.
    public var blindLinesBeforeLockOut = 6_000
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
    /// Proven lines. Beyond it the one that was silent for longest gives way, of those that nobody needs if there are any.
    public var provenLines = 16_384
    /// For how long a line is needed in any case: what is looked up, or taps, takes a few round trips.
    public var youngLine: Duration = .seconds(10)
    /// Of these to one neighbourhood of public addresses (/24, IPv6: /48): a sixteenth of all.
    public var provenLinesOfOne = 1_024
    /// Telexes that one proven line may send us: several times what one core relays, so that nobody is held back
    /// who respects the windows, and a flood that does not is cut off before it costs more than its reading.
    public var lineTelexes = TokenRate(perSecond: 200_000, burst: 100_000)

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
    /// Bytes to a peer that never reports `_br`: ten times what the fastest switch of 2011 could take in.
    public var silentPeerBytes = TokenRate(perSecond: 4_000_000, burst: 1_000_000)
    /// Telexes that wait for a closed window, per line.
    public var queuedTelexes = 96
    /// Of ``queuedTelexes`` those that guests of our host may fill, whom anybody can be: its own people always find room.
    public var guestQueuedTelexes = 88
    /// Of ``queuedTelexes`` those that signals of proven peers may fill: what is published here always finds room.
    public var relayedQueuedTelexes = 80
    /// Of ``queuedTelexes`` those that signals of unproven addresses may fill: in a flood of them there is room for what
    /// proven peers have to say (T18).
    public var strangerQueuedTelexes = 64
    /// Bytes that wait for a closed window, per line; of each origin the same part as of ``queuedTelexes``.
    public var queuedBytes = 65_536
    /// Bytes that wait for the windows of all lines, before each line may have no more than ``queuedBytesOfCrowd``: else a peer that
    /// opens lines and never reports has us keep 130 MB.
    public var queuedBytesOfAll = 16_777_216
    public var queuedBytesOfCrowd = 8_192

    // MARK: Strangers

    /// Bytes that an unproven address gets for each byte it sent (QUIC's bound, RFC 9000 section 8.1; T1).
    public var strangerFactor = 3
    /// Questions from all unproven addresses together (rule 12), half of it for those that were not heard in the last
    /// minute: a switch that joins needs one or two.
    public var requests = TokenRate(perSecond: 100, burst: 400)
    /// Ten a second for one address, a small network's worth.
    public var requestParts = BudgetParts(ofNewcomers: 0.5, ofOne: 0.1)
    /// How long an unproven address is no newcomer any more.
    public var strangerMemory: Duration = .seconds(60)
    /// Unproven addresses that are remembered for each of the three budgets: 64 bytes each.
    public var strangersKnown = 8_192
    /// Telexes that are read at all, of all unproven addresses together that we did not dial: seven times what the
    /// two budgets beside it let through. Half of it is for newcomers; the rest of a flood costs no more than a look at its
    /// sender's address (T18).
    public var strangerTelexes = TokenRate(perSecond: 10_000, burst: 20_000)
    /// One address uses at most half of what is not for newcomers.
    public var strangerTelexParts = BudgetParts(ofNewcomers: 0.5, ofOne: 0.25, burstOfOne: 0.5)
    /// Telexes with signals from all unproven addresses together: clients of 2011 post without a line, and
    /// a small node must pass on their bursts; they are never answered, so they can't be reflected.
    public var strangerSignals = TokenRate(perSecond: 1_250, burst: 5_000)
    /// One address that floods leaves half of what is not for newcomers to the clients of others; a burst may be all of it.
    public var strangerSignalParts = BudgetParts(ofNewcomers: 0.2, ofOne: 0.4, burstOfOne: 0.8)
    /// Bytes that our own dials are padded to: three times as much holds 8 IPv6 addresses (rule 3).
    public var dialBytes = 176

    // MARK: Publishing

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

    // MARK: Hearing

    /// A question that nobody answered, and nobody else said anything either: so long later all switches that we need are asked.
    public var hearingCheck: Duration = .seconds(3)
    /// When nobody answered anything for so long we count as cut off, and begin again as if we knew nobody: three rounds
    /// of questions, each of which may be lost.
    public var deafAfter: Duration = .seconds(12)
    /// While we are cut off, all switches that we need are asked this often, beside the seeds.
    public var deafCheck: Duration = .seconds(10)

    /// How soon a line with something to do is looked at again.
    public var sweep: Duration = .seconds(1)
    /// The shortest time between two looks at all lines.
    public var shortestSweep: Duration = .milliseconds(250)

    func queueRoom(for origin: SignalOrigin) -> Int {
        switch origin {
        case .stranger: strangerQueuedTelexes
        case .peer: relayedQueuedTelexes
        case .guest: guestQueuedTelexes
        case .ourselves: queuedTelexes
        }
    }
}
