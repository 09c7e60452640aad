import ArgumentParser
import BusClient

extension MessageReference: ExpressibleByArgument {
    /// What help says of it.
    static let help = "The message's id, or its first digits (six or more)."

    package init?(argument: String) { self.init(argument) }
}

/// On the command line, the name of an own key file will do as well.
extension KeyReference: ExpressibleByArgument {
    /// What help says of it, in commands that change something.
    static let help = "The author's key, its first digits (six or more), or the name of a key file of yours."

    package init?(argument: String) { self.init(argument) }
}
