import Bus

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

    // MARK: - Router link

    /// Milliseconds between two introductions, so that a router that keeps asking who we are cannot spin us.
    static let helloPauseMilliseconds: Int64 = 250

    /// Bytes of acks in one frame: half of what the router takes, because the sizes are estimates.
    static let ackFrameBytes = 32 * 1_024

    /// Acks that wait while the router does not read: all that can be under way.
    static let waitingAcks = deliveriesUnderWay

    /// Bytes of the sentence in an ack.
    static let ackTextBytes = 512

    // MARK: - Configuration

    /// Channels of one receiver: as many as its introduction can name.
    static let channels = BusLimits.channels

    // MARK: - Files

    /// Seconds for which the lock file of a socket counts as new: its owner may still be about to lock it.
    static let newLockSeconds: Int64 = 10
}
