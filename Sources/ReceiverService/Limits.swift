import Bus
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

    // MARK: - Store

    /// KiB of page cache of the connection that writes. The inner pages of all indexes of a million messages fit.
    static let writerCacheKiB = 4_096

    /// KiB of page cache of each connection that reads. A page of the wall touches a few dozen pages.
    static let readerCacheKiB = 512

    /// Connections that read, at most: the queries that run at a time, and the look-ups of verifying tasks, which take
    /// microseconds and wait for each other on machines with more cores.
    static let readers = concurrentQueries + 4

    /// Pages (4 KiB) of the write-ahead log after which it is copied into the database. A message alone in its
    /// transaction writes about 9 pages, so at 4,000 about one send in 400 waits for the copying.
    static let checkpointPages = 4_000

    /// Bytes to which the write-ahead log is cut after a checkpoint, when a burst or a long read has let it grow.
    static let logBytes = 32 * 1_024 * 1_024

    /// Milliseconds that a transaction waits for another receiver of the same store. Less than the lease of a delivery,
    /// so that the router hears `failed` instead of nothing.
    static let busyMilliseconds: Int64 = 2_000

    /// Milliseconds of the same wait while the receiver is ending.
    static let busyMillisecondsAtEnd: Int64 = 300

    /// Channels in a summary: the largest ones. It is as many as a receiver can have.
    static let summaryChannels = BusLimits.channels

    /// Authors that ever claimed a name, among whom those are looked for who still do: some milliseconds of work.
    static let claimants = 1_000

    /// Matches of a search up to which all are looked at and sorted: some 50 ms of work.
    static let sortedMatches = 20_000

    /// Messages, from the newest, among which a search that more match is tried first: where one in a hundred holds what is
    /// searched for, they fill a page.
    static let walkedMessages = 5_000

    /// How long a search may take. It is asked for by people, who wait no longer, and other queries wait behind it.
    static let searchTime = Duration.seconds(2)

    /// Messages whose words come into the index in one transaction while it is made anew: some tens of milliseconds.
    static let indexBatch = 1_000

    /// How often the log has how far that is.
    static let progressPause = Duration.seconds(5)

    /// Bytes of a store whose pages are all read before it is used: a quarter to two seconds of reading. The pages of a
    /// larger one are read while it works.
    static let bytesCheckedAtOpening: Int64 = 256 * 1_024 * 1_024

    /// Pages that are read in one go while the store works, 256 KiB, and the pause after that: about 10 MB a second,
    /// which no reader notices, and a store of 100 GB is through in three hours.
    static let checkedPages: UInt32 = 64
    static let checkPause = Duration.milliseconds(25)

    /// Reads of a page before it counts as damaged, and the pause between two: longer than another receiver takes to
    /// copy a page out of the log.
    static let pageReads = 5
    static let pageRereadMicroseconds: UInt32 = 5_000

    /// Rules about messages and keys. Each takes about 100 bytes; more than that is a list to be kept elsewhere.
    static let rules = 100_000
    /// Names of one author that the store remembers since when: more than anybody changes theirs, and no room to fill.
    static let namesOfAuthor = 16
    /// Earlier authors with one name that are looked at, whether they are called so still.
    static let namesakes = 8

    /// Rows that one transaction of the housekeeping touches. It takes a few milliseconds, for which deliveries wait.
    static let houseBatch = 500

    /// Pause between two looks at what is too old or too much.
    static let retentionPause = Duration.seconds(60)

    /// The part of the store, one in so many, that is dropped at once only after the log has said so.
    static let partOfStore = 10

    /// The part of a channel's bytes that are allowed below which what was once dropped is taken again.
    static let roomAgain = 0.9

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

    /// Messages that are kept aside because they are dated ahead, and their bytes: an hour of a busy wall, whose clock is an
    /// hour behind.
    static let earlyMessages = 10_000
    static let earlyBytes: Double = 8_000_000

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

    /// Authors, and peers, whose rates are remembered: 16,384 take about 2 MB. Beyond it those with the fullest buckets
    /// are forgotten, who lose nothing by it.
    static let remembered = 16_384

    /// Bytes of a file with keys: 100,000 of them.
    static let keyFileBytes = 8 * 1_024 * 1_024

    // MARK: - Controls

    /// Controls that wait for the one that runs. An operator and a script or two; more is a mistake.
    static let waitingControls = 16

    // MARK: - Salvage

    /// Rows whose messages are checked together: some milliseconds of work for each core.
    static let salvageBatch = 512

    /// Bytes of JSON that are written at a time.
    static let salvageOutputBytes = 64 * 1_024

    /// Damaged pages that are named; more would hide the sentence.
    static let namedPages = 8

    // MARK: - Queries and feed

    /// Queries that run at a time. They compete with the signatures for the cores.
    static let concurrentQueries = 3

    /// Queries that wait for one of these. At about a millisecond each it is a tenth of a second; whoever comes
    /// later does better with another receiver and is told `busy`.
    static let waitingQueries = 256

    /// Bytes of messages in one answer; the rest is asked for as the next page. A page of the wall fits three times.
    static let answerBytes = 256 * 1_024

    /// Answers that wait for one client. They leave as fast as they are made, unless it does not read: then these are all
    /// it costs, 16 MB at most. What finds no place is dropped, and the client turns to another receiver.
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

    // MARK: - Router link

    /// Milliseconds between two introductions, so that a router that keeps asking who we are cannot spin us.
    static let helloPauseMilliseconds: Int64 = 250

    /// Bytes of acks in one frame: half of what the router takes, because the sizes are estimates.
    static let ackFrameBytes = 32 * 1_024

    /// Acks that wait while the router does not read: all that can be under way.
    static let waitingAcks = deliveriesUnderWay

    // MARK: - Configuration

    /// Channels of one receiver: as many as its introduction can name.
    static let channels = BusLimits.channels

    // MARK: - Files

    /// Seconds for which the lock file of a socket counts as new: its owner may still be about to lock it.
    static let newLockSeconds: Int64 = 10
}
