/// How a p2pmsg command ends. Scripts rely on these numbers; they never change their meaning.
package enum ExitStatus: Int32, Sendable, CaseIterable, Comparable {
    /// What was asked for happened.
    case done = 0
    /// It was tried and it failed: a file cannot be read, a port is taken, nobody answers.
    case failed = 1
    /// The command line, the environment or the configuration file is wrong; nothing was tried.
    case usage = 2
    /// The message was refused: its text, its signature or its end is not acceptable.
    case refused = 3
    /// The time ran out before enough stores acknowledged.
    case notAcknowledged = 4

    package static func < (left: ExitStatus, right: ExitStatus) -> Bool { left.rawValue < right.rawValue }
}
