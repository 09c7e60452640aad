import ServiceRuntime

/// Every bound of the receiver, with its unit and its reason.
enum Limits {
    // MARK: - Pipeline

    /// Deliveries that the router may have under way to one receiver. At 5,000 messages a second it is 200 ms of work:
    /// enough that the router never waits for us, small enough that a receiver that dies gives little work to others.
    static let credit: UInt32 = 1_024

    /// Deliveries in the pipeline, after which further ones are given back. Twice the credit: a router that was
    /// restarted starts with a whole credit while what its predecessor delivered is still under way.
    static let deliveriesUnderWay = 2 * Int(credit)

    /// Messages whose signatures one task checks. About a millisecond of work, so that a burst spreads over the cores.
    static let verifyBatch = 16

    /// Messages in one transaction. More gain nothing (the sync is shared by enough), and it bounds how long other
    /// receivers of the store wait for the write lock.
    static let commitBatch = 512

    /// Verified messages that do not wait for those that are being verified: enough to share a sync.
    static let groupMessages = 32

    /// How long a verified message waits for those that are being verified. A tenth of what a sender notices, and the
    /// time of about two syncs.
    static let groupWait = Duration.milliseconds(2)

    /// Ids of messages that were settled lately, for which a redelivery costs no signature check and no read.
    /// 16,384 ids are three seconds of the highest rate and about 1 MB.
    static let recentIDs = 16_384

    /// Milliseconds that a graceful end waits for what is under way. The whole end has 5 s.
    static let drainMilliseconds: Int64 = 3_000

    /// Upper bounds, in nanoseconds, of the classes in which the time of transactions is counted: from a fast disk's sync
    /// to the longest wait for another receiver.
    static let commitBounds: [UInt64] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500].map { $0 * 1_000_000 }

    /// Upper bounds of the classes in which the sizes of transactions are counted, up to ``commitBatch``.
    static let batchBounds: [UInt64] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

    // MARK: - House

    /// How often the log has how far the making of an index is.
    static let progressPause = Duration.seconds(5)

    /// Pause between two looks at what is too old or too much.
    static let retentionPause = Duration.seconds(60)

    /// The part of the store, one in so many, that is dropped at once only after the log has said so.
    static let partOfStore = 10

    // MARK: - Clocks

    /// How far the wall clock may step beyond the time that passed: what a leap second, or setting a clock right that is
    /// as good as right, takes.
    static let clockStep = Duration.seconds(5)

    /// Besides, one in so many milliseconds: twice what a bad quartz drifts until it is set right.
    static let clockDrift: Int64 = 5_000

    /// How long a clock is doubted that nothing confirms.
    static let doubtTime = Duration.seconds(86_400)

    /// Bounds of how long a node may have been off before its clock is doubted; see ``Retention/downtime``.
    static let shortestDowntime = Duration.seconds(60)
    static let longestDowntime = Duration.seconds(86_400)

    /// Pause between two looks at whether the time of one of them has come.
    static let earlyTakePause = Duration.seconds(2)

    /// How long one of a channel that is not kept waits beyond its time: channels are named again soon after a start.
    static let earlyGrace = Duration.seconds(86_400)

    /// Authors that are dated ahead from which on the operator is asked about the clock: one or two have a wrong clock
    /// themselves.
    static let earlyAuthorsTold = 3

    /// How long an author counts as heard lately, and how many authors are counted: about 500 kB.
    static let authorsTime = Duration.seconds(86_400)
    static let authorsCounted = 4_096

    // MARK: - Policy

    /// Messages a second that one author may send through the mesh, and how many at once. A person writes less in an
    /// hour; a program that announces something every second has room, and so has a burst after a partition.
    static let keyRate = Rate(perSecond: 20, burst: 4_000)

    /// Messages a second that one peer may hand over, of all authors together, and how many at once: half of what one
    /// core can check, so that no peer alone can keep it busy.
    static let sourceRate = Rate(perSecond: 1_000, burst: 10_000)

    /// The part of ``sourceRate`` that a peer has besides, for messages in the names of known and settled authors: many times
    /// what they write, and a peer that forges such names keeps three quarters of a core busy at most.
    static let exemptPart = 0.5

    /// Messages a second of all new strangers together: more than anybody reads, and a few per cent of what a receiver can
    /// store. At once of one of them: a conversation.
    static let strangerRate = Rate(perSecond: 200, burst: 20)

    /// Seconds of the rate of all new strangers that may come at once, as after a partition.
    static let strangerBurstSeconds = 5.0

    /// How long what waited in the router counts as just come: what comes within that time at once is in the bursts.
    static let lateAfter = Duration.seconds(strangerBurstSeconds)

    /// The part of it that one peer may use: a single source of new keys leaves room for those that others bring.
    static let strangerPart = 0.4

    /// The parts of it for this node's page, which takes as much of its visitors, and for peers that bring little.
    static let strangersOfPage = 0.25
    static let strangersOfQuietPeers = 0.3

    /// Messages of strangers that a peer brings of this part, a second and at once: what a neighbourhood writes. Twenty that
    /// flood don't use it up.
    static let quietPeer = Rate(perSecond: 3, burst: 5)

    /// Messages a second of one new stranger after the first ones: more than anybody writes by hand.
    static let strangerPerSecond = 1.0

    /// How long it is remembered how the store stands to an author: a pin, or an author's first day, counts that much later.
    static let standingTime = Duration.seconds(60)

    /// Authors in each of the two parts of that memory: about 3 MB.
    static let standings = 8_192

    /// Authors who are made known at a time: rules are written one by one.
    static let makingKnown = 256

    /// Authors, and peers, whose rates are remembered: 16,384 of each kind take about 2 MB, and as much after an
    /// absence. Beyond it those with the fullest buckets
    /// are forgotten, who lose nothing by it.
    static let remembered = 16_384

    /// Bytes of a file with keys: 100,000 of them.
    static let keyFileBytes = 8 * 1_024 * 1_024

    // MARK: - Controls

    /// Controls that wait for the one that runs. An operator and a script or two; more is a mistake.
    static let waitingControls = 16

    // MARK: - Backups

    /// How long a copy of the store is held for a client that asks for nothing more of it; and how long at most: 100 GB at
    /// 5 MB a second.
    static let copyIdle = Duration.seconds(60)
    static let copyTime = Duration.seconds(6 * 3_600)

    /// Between two looks whether one has to go.
    static let copyPause = Duration.seconds(5)

    // MARK: - Salvage

    /// Bytes of JSON that are written at a time.
    static let salvageOutputBytes = 64 * 1_024

    // MARK: - Queries and feed

    /// Queries that wait for one of the ``StoreLimits/concurrentQueries``. At about a millisecond each it is a tenth of a
    /// second; a query that comes later does better with another receiver and is told `busy`.
    static let waitingQueries = 256

    /// Searches that wait for one of the ``StoreLimits/concurrentSearches``: as many as have a chance to be begun in the time
    /// that people wait, if each is over at once. Those that have none are passed over when their turn comes.
    static let waitingSearches = 16

    /// Answers that wait for one client. They leave as fast as they are made, unless it does not read: then these are all
    /// it costs, 16 MB at most. What finds no place is dropped, and the client is told `busy`.
    static let answersPerClient = 64

    /// Replies of up to so many bytes (refusals, empty pages) that find no place are tried again.
    static let shortReplyBytes = 1_024

    /// Replies that wait to be tried again, of all clients together: at most 1 MB.
    static let unsentReplies = 1_024

    /// Milliseconds between two tries, and tries: as long as a client waits before it asks somebody else.
    static let replyPauseMilliseconds: Int64 = 5
    static let replyTries = 60

    /// Rows in one message of the feed: at most 100 kB.
    static let feedRows = 64

    /// Messages that wait for one subscriber of the feed. 128 of 64 rows are at most 13 MB, shared by all subscribers;
    /// who is further behind loses messages, sees the gap, and asks.
    static let feedHighWater = 128

    // MARK: - Replication

    /// Pause between two looks at the node's other stores. What the router delivers to all of them needs none; a message
    /// that only another store has is here that much later.
    static let replicationPause = Duration.seconds(3)

    /// Of so many of these looks one is also at the rules: operators tell all stores, and only one that was away needs it.
    static let roundsPerRules = 5

    /// Pause after which messages that were too early are looked at again. All that came after them is read again,
    /// which costs a look-up for each.
    static let earlyPause = Duration.seconds(60)

    /// Pause after which those are looked at again for which the disk had no room. Operators make some in hours, and all that
    /// came after them is read again, and the signatures of strangers are checked.
    static let roomPause = Duration.seconds(600)

    // MARK: - Router link

    /// Milliseconds between two introductions, so that a router that keeps asking who we are cannot spin us.
    static let helloPauseMilliseconds: Int64 = 250

    /// Bytes of acks in one frame: half of what the router takes, because the sizes are estimates.
    static let ackFrameBytes = 32 * 1_024

    // MARK: - Files

    /// Seconds for which the lock file of a socket counts as new: its owner may still be about to lock it.
    static let newLockSeconds: Int64 = 10
}
