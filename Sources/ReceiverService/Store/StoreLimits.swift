import Bus

/// Bounds that every kind of store has, each with its unit and its reason.
package enum StoreLimits {
    /// Queries that run at a time. They compete with the signatures for the cores.
    package static let concurrentQueries = 3

    /// Searches that run at a time, beside the other queries: those who read pages never wait for those who search.
    package static let concurrentSearches = 1

    /// Bytes of messages in one answer; the rest is asked for as the next page. A page of the wall fits three times.
    package static let answerBytes = 256 * 1_024

    /// Milliseconds that a transaction waits for another receiver of the same store. Less than the lease of a delivery,
    /// so that the router hears `failed` instead of nothing.
    package static let busyMilliseconds: Int64 = 2_000

    /// Milliseconds of the same wait while the receiver is ending.
    package static let busyMillisecondsAtEnd: Int64 = 300

    /// How long a search may take: other searches wait behind it, and people no longer than a few of these.
    package static let searchTime = Duration.seconds(1)

    /// What is left of a query's time for its answer to arrive.
    package static let answerMargin = Duration.milliseconds(50)

    /// Channels in a summary: the largest ones. It is as many as a receiver can have.
    package static let summaryChannels = BusLimits.channels

    /// Rules about messages and keys. Each takes about 100 bytes; more than that is a list to be kept elsewhere.
    package static let rules = 100_000

    /// Names of one author that the store remembers since when: more than anybody changes theirs, and no room to fill.
    package static let namesOfAuthor = 16

    /// Earlier authors with one name that are looked at, whether they are called so still.
    package static let namesakes = 8

    /// Authors that ever claimed a name, among whom those are looked for who still do: some milliseconds of work.
    package static let claimants = 1_000

    /// Rows that one transaction of the housekeeping touches. It takes a few milliseconds, for which deliveries wait.
    package static let houseBatch = 500

    /// The part of a channel's bytes that are allowed below which what was once dropped is taken again.
    package static let roomAgain = 0.9

    /// Messages that are kept aside because they are dated ahead, and their bytes: an hour of a busy wall, whose clock is an
    /// hour behind.
    package static let earlyMessages = 10_000
    package static let earlyBytes: Double = 8_000_000
}
