import ReceiverStore

/// Bounds of the store in SQLite, each with its unit and its reason.
enum Limits {
    // MARK: - Connections

    /// KiB of page cache of the connection that writes. The inner pages of all indexes of a million messages fit.
    static let writerCacheKiB = 4_096

    /// KiB of page cache of each connection that reads. A page of the wall touches a few dozen pages.
    static let readerCacheKiB = 512

    /// Connections that read, at most: the queries and searches that run at a time, and the look-ups of verifying tasks,
    /// which take microseconds and wait for each other on machines with more cores.
    static let readers = StoreLimits.concurrentQueries + StoreLimits.concurrentSearches + 4

    /// Pages (4 KiB) of the write-ahead log after which it is copied into the database. A message alone in its
    /// transaction writes about 9 pages, so at 4,000 about one send in 400 waits for the copying.
    static let checkpointPages = 4_000

    /// Bytes to which the write-ahead log is cut after a checkpoint, when a burst or a long read has let it grow.
    static let logBytes = 32 * 1_024 * 1_024

    // MARK: - Search

    /// Matches of a search up to which all are looked at and sorted: some 50 ms of work.
    static let sortedMatches = 20_000

    /// Messages, from the newest, among which a search that more match is tried first: where one in a hundred holds what is
    /// searched for, they fill a page.
    static let walkedMessages = 5_000

    /// Messages whose words come into the index in one transaction while it is made anew: some tens of milliseconds.
    static let indexBatch = 1_000

    // MARK: - Conversion

    /// Messages of an older store that are brought into the new form in one transaction: a fifth of a second of work, of
    /// which no more is lost when it is interrupted.
    static let conversionBatch = 10_000

    /// How often the size of an older store has to be free so that it is brought into the new form: a copy of it, the new
    /// rows beside the old ones, and what their indexes are sorted in.
    static let conversionParts: UInt64 = 3

    // MARK: - Dropping

    /// Messages that are chosen to be dropped, and authors that they are chosen from, in one look at all messages of a
    /// channel, which takes some seconds of reading where there are a million.
    static let plannedDrops = 20_000

    /// Bytes up to which strangers hold the same: a message of some 400 letters and its author.
    static let quietBytes: Int64 = 1_536

    /// The part of what may be held, one in so many, that is made room for whenever there is too much: a look at all for
    /// each hundredth that comes.
    static let madeRoom: Int64 = 100

    /// Ids of messages that are not here that are forgotten in one transaction: some tens of milliseconds.
    static let forgottenIDs = 5_000

    // MARK: - Disk

    /// The part of a file system, one in so many, that a store leaves free, and the most bytes of it: what an operator needs
    /// to log in, look, and make room.
    static let reservedPart: UInt64 = 10
    static let reservedBytes: UInt64 = 1_000_000_000

    /// Bytes that are unused inside a store's file with which it goes on without the file growing: several transactions.
    static let usedAgainBytes: UInt64 = 8 * 1_024 * 1_024

    // MARK: - Seals

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

    // MARK: - Salvage

    /// Rows whose messages are checked together: some milliseconds of work for each core.
    static let salvageBatch = 512

    /// Damaged pages that are named; more would hide the sentence.
    static let namedPages = 8
}
