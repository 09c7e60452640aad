import ArgumentParser
import BusClient
import ServiceRuntime

extension MessageReference {
    /// What help says of it.
    static let help = "The message's id, or its first digits (six or more)."

    /// As a value on the command line.
    ///
    /// - Throws: what is expected.
    @Sendable static func argument(_ text: String) throws(FailureReport) -> MessageReference {
        try MessageReference(text).orExpected(
            "the id of a message, or its first digits, six or more of 0-9 and a-f")
    }
}

/// On the command line, the name of an own key file will do as well.
extension KeyReference: ExpressibleByArgument {
    /// What help says of it, in commands that change something.
    static let help = "The author's key, its first digits (six or more), or the name of a key file of yours."

    package init?(argument: String) { self.init(argument) }
}
