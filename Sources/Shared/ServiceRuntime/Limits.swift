/// The limits of this module: each has a unit and a reason.
enum Limits {
    /// Bytes of one entry in the system's database of users: a group of some 50,000 members.
    static let userEntryBytes = 1 << 20

    /// Bytes of a configuration file. A full one is under 2 kB; a larger file is the wrong file.
    static let configFileBytes = 1 << 20
    /// Edits between an unknown setting and the one it is taken for: a typo, not another word.
    static let suggestionEdits = 2

    /// Bytes of a node's name: what fits beside the mark on a telephone, in two lines.
    static let titleBytes = 80
    /// Bytes of a contact: an address of the web.
    static let contactBytes = 200
    /// Bytes of the file of rules: ten pages of print, that everybody gets who looks.
    static let rulesBytes = 32 * 1024

    /// Bytes of a host's name (RFC 1035, section 2.3.4).
    static let hostNameBytes = 253

    /// Open files that a process asks the system for, where the system would allow more, or any number: the table of a
    /// million open files is 8 MB.
    static let openFiles: UInt64 = 1 << 20

    /// Bytes of a file under `/proc`: `/proc/stat` of a machine with hundreds of cores is 100 kB.
    static let procFileBytes = 1 << 20
    /// Seconds between the first signal and the forced end: what `p2pmsg up` and a container runtime wait.
    static let gracefulShutdownSeconds: Int64 = 5
}
