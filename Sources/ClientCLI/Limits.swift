/// The limits of the command line: each has a unit and a reason.
enum Limits {
    /// Messages of `send --lines` under way or waiting to be printed in order. Enough to fill a group commit.
    static let sendsInFlight = 100
    /// Bytes of one text that are kept while reading. Every text that fits a telex is far smaller; of a longer
    /// one only the length matters.
    static let textBytes = 64 * 1024
    /// Bytes read from standard input at one time.
    static let inputChunkBytes = 64 * 1024
    /// Bytes of a message or a key on standard input.
    static let documentBytes = 256 * 1024
    /// Rows asked for at one time; `--limit` itself has no bound.
    static let pageRows = 500
    /// Bytes of the largest message in its binary form, with what an import puts around it.
    static let messageBytes = 2 * 1024
    /// Bytes that an import puts around a message, at most.
    static let messageOverhead = 32
    /// Lines that are no messages and are named; the others are counted.
    static let importProblems = 10
    /// Pause before a batch is given to another receiver when the first has ended.
    static let importRetry = Duration.milliseconds(200)
    /// A copy of a store takes as long as the disk needs: this is 100 GB at 30 MB a second.
    static let backupTimeout = Duration.seconds(3_600)
    /// How long a command waits for the router before it says so: nobody wonders for so long, and one that is there has
    /// answered long since.
    static let silentWait = Duration.milliseconds(700)
    /// How long `tail` waits before it says that no router answers; it goes on all the same.
    static let greeting = Duration.seconds(2)

    /// Milliseconds by which the times of many lines may run ahead of the clock, so that no two are the same: stores take
    /// messages that are dated up to 15 minutes ahead.
    static let linesAheadMilliseconds: Int64 = 600_000

    /// Receivers that `up` starts: more only compete for one store.
    static let receivers = 64
    /// Bytes of a child's line on standard error; the rest of a longer one is dropped.
    static let childLineBytes = 16 * 1024
    /// Failed starts in a row before `up` gives up, if the child never worked: a lock may need a moment to go.
    static let failedStarts = 3
    /// How long a child must live to count as started.
    static let childSettles = Duration.seconds(10)
    /// The longest pause before a child is started again.
    static let longestPause = Duration.seconds(5)
    /// The pause after the second failure in a row; it doubles up to the longest.
    static let firstPause = Duration.milliseconds(100)
    /// How long receivers and renderer have before the router is stopped too: they still return what they lease.
    static let orderlyStop = Duration.seconds(2)
    /// How long children have before they are killed: all of `up` ends within 5 s.
    static let childStop = Duration.milliseconds(4_200)
    /// Between two looks whether the page answers.
    static let probePause = Duration.milliseconds(10)
    /// Seconds that one look may take.
    static let probeSeconds = 2
    /// When to say that the page does not answer yet.
    static let slowStart = Duration.seconds(10)
}
