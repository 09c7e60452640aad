import Bus
import Messages

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

    /// Rules beyond which nobody becomes known any more: what writers cause must leave room for what operators say.
    package static let knownAuthors = rules / 2

    /// Names of one author that the store remembers since when: more than anybody changes theirs, and no room to fill.
    package static let namesOfAuthor = 16

    /// Authors with names that look alike, among whom those are looked for who spell theirs so: some milliseconds of work.
    package static let claimants = 1_000

    /// Rows that one transaction of the housekeeping touches. It takes a few milliseconds, for which deliveries wait.
    package static let houseBatch = 500

    /// The part of the bytes that are allowed below which what was once dropped is taken again.
    package static let roomAgain = 0.9

    /// Milliseconds before now into which no horizon reaches: as far as a clock may be ahead. Whatever somebody sends to
    /// make a store drop much, what others write now is taken.
    package static let horizonGap = MessageLimits.aheadMilliseconds

    /// Milliseconds after an author's first message from which on the author may count as settled, and after an upgrade
    /// during which nothing is dropped for being a stranger's: an operator has a day to read the log.
    package static let settledAfter: Int64 = 86_400_000

    /// Who holds more than one part in so many of the store is a stranger however old: a key costs a day of patience.
    package static let settledShare: Int64 = 100

    /// Bytes up to which a settled author may hold more than that: about a hundred messages. In a small store every
    /// author has more than a hundredth.
    package static let settledBytes: Int64 = 100_000

    /// Bytes that new strangers may fill together unless the operator says otherwise: a million of short messages.
    package static let strangerBytes: Int64 = 1_000_000_000

    /// Of a channel that is full, strangers give way before others while they hold more than one part in so many of the
    /// store. Below that a newcomer is an author as others; else nobody new could be heard on a full wall.
    package static let strangersShare: Int64 = 10

    /// Milliseconds after an author's first message for which one who is settled gives way before older ones, while such
    /// authors and strangers hold more than that share together. A key costs a day of patience, and of a thousand with little
    /// each none would ever be among those who hold most; a month is more than an attack waits for.
    package static let recentTime = 30 * settledAfter

    /// Ids that are remembered of messages that were refused by a rule, dropped for want of room, or, of 2011, dropped for
    /// their age: at most 64 MB together, of which nobody who fills one part takes another.
    package static let withheldByRules = 250_000
    package static let withheldForRoom = 500_000
    package static let withheldForAge = 250_000

    /// Bytes of authors without a message here, and of their names, which are remembered so that nobody takes them. The
    /// latest to come are forgotten first, as a flood is later than its victims.
    package static let absentBytes = 20_000_000

    /// Milliseconds after an author's first message for which one whose messages were dropped for their age is remembered:
    /// else nobody would ever be settled where less than ``settledAfter`` is kept.
    package static let absentTime = 7 * settledAfter

    /// Messages that are kept aside because they are dated ahead, and their bytes: an hour of a busy wall, whose clock is an
    /// hour behind.
    package static let earlyMessages = 10_000
    package static let earlyBytes: Double = 8_000_000
}
