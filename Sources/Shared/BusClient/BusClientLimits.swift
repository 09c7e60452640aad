import Bus

/// Every bound of this module, with its unit and its reason.
package enum BusClientLimits {
    /// Requests to the router that wait for an answer. The bus is used with about 100 in flight; this only stops a
    /// caller that doesn't wait for anything.
    package static let requestsInFlight = 10_000

    /// Longer timeouts are cut to this.
    static let longestTimeout = Duration.seconds(24 * 3600)

    /// Before a request is sent again, the first time; then it doubles. Well above the receipt of a durable commit
    /// (25 ms), so that nothing is sent twice without need.
    static let firstResend = Duration.milliseconds(500)

    /// The pause doesn't grow beyond this.
    static let longestResend = Duration.seconds(8)

    /// Before another attempt with a key that was refused: whoever runs the other side may be adding it to the list.
    static let refusedPause = Duration.seconds(1)

    /// What a receipt needs on its way back: the router answers this much before the caller's time is over.
    static let receiptMargin = Duration.milliseconds(100)

    /// Queries: before the next receiver is asked.
    package static let queryTry = Duration.milliseconds(300)

    /// Queries: receivers that are asked, the hedge included.
    package static let queryTries = 3

    /// Queries: for all tries together, where the caller doesn't say.
    package static let queryTimeout = Duration.milliseconds(Int64(BusLimits.queryMilliseconds))

    /// Searches: for all tries together, where the caller doesn't say. One may have to wait for those of others.
    package static let searchTimeout = Duration.seconds(5)

    /// Queries: no second copy earlier than this, and for receivers of which too little is known.
    static let earliestHedge = Duration.milliseconds(100)

    /// Answers whose times are remembered of one receiver, for the 95th percentile.
    static let latencySamples = 64

    /// Failures in a row after which a receiver rests.
    static let failuresToRest = 3

    /// How long it rests.
    static let rest = Duration.seconds(5)

    /// Age of the directory after which somebody who needs it has it renewed.
    static let directoryAge = Duration.seconds(1)

    /// Before the router is asked for the directory again, while no receiver is known.
    static let directoryRetry = Duration.milliseconds(200)

    /// How long a query waits for a receiver while the router knows none: as long as a receiver needs to introduce
    /// itself to a router that was restarted.
    static let receiverGrace = Duration.seconds(1)

    /// Receivers of one directory that are used.
    static let receivers = 256

    /// Events that a follower may be behind; newer messages are dropped and counted.
    package static let followBuffer = 1_024

    /// Events that a subscriber of the feed may be behind; then it gets `reset`.
    package static let feedBuffer = 256

    /// Ids that the feed remembers, to give each message once.
    static let recentIDs = 16_384

    /// Rows that a repair fetches; whoever missed more is better off with a new view.
    static let repairRows = 10 * BusLimits.pageRows

    /// How long after another store a store may announce a message and still count as up to date: several times what
    /// a busy one needs.
    static let lagTolerance = Duration.seconds(2)

    /// After this long, a message that a store has not announced is one that it does not want.
    static let lagMemory = Duration.seconds(60)

    /// Messages per store that are remembered as missing there: more say no more than the oldest of them.
    static let messagesBehind = 4_096

    /// Positions beyond a gap that are remembered per store.
    static let positionsAhead = 65_536
}
