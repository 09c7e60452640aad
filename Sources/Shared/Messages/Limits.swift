/// Every limit of a message, with its unit and its reason.
package enum MessageLimits {
    /// Bytes of the whole telex that carries a message. Telehash v1 originates at most 1400 bytes per datagram.
    package static let telexBytes = 1400

    /// Bytes that the headers of that telex may take beside the signals: braces, commas and `_to`, `_line`, `_br`,
    /// `_hop` at their largest. `_to` is a full IPv6 address and port, `_line` the product of two rings of 32768,
    /// `_br` a count of bytes up to 2^53, `_hop` one digit.
    package static let telexHeaderBytes =
        "{".utf8.count
        + #""_to":"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535","#.utf8.count
        + #""_line":1073741824,"#.utf8.count
        + #""_br":9007199254740992,"#.utf8.count
        + #""_hop":4"#.utf8.count
        + "}".utf8.count

    /// Signals in one message, `+sig` included. Five are ours; the rest is room for signals to come.
    package static let signals = 16

    /// Bytes of a signal's name, the `+` included. Names are words, not data.
    package static let signalKeyBytes = 64

    /// Bytes of the binary form of a message: what fits a telex plus lengths. Checked before anything is read.
    package static let encodedBytes = 2 + signals * 4 + telexBytes

    /// The greatest `+at`, in milliseconds: 2^53, so that every JSON reader keeps it exactly.
    package static let greatestAt: Int64 = 1 << 53

    /// Milliseconds that `+at` may be ahead of the reader's clock: 15 minutes cover clocks that are set by hand.
    package static let aheadMilliseconds: Int64 = 15 * 60 * 1000

    /// Milliseconds for which a message counts as written now when it comes: clocks that are behind are covered as those that
    /// are ahead, and so are lines that were down for a while.
    package static let presentMilliseconds = aheadMilliseconds

    /// Bytes of a channel's name.
    package static let channelBytes = 64

    /// Bits of a 2011 modulus. The programs of 2011 make 511 or 512; from 505 on the signed block has 64 bytes.
    /// Smaller ones are refused because anybody can factor them, larger ones because checking them costs more.
    package static let legacyModulusBits = 505...512

    /// 2011 moduli of which it is remembered whether they can be keys: 300 kB.
    package static let legacyModuliRemembered = 1_024

    /// Bytes of a message as JSON: a message is under 4 kB; 64 kB leaves room for keys that others add.
    package static let jsonBytes = 64 * 1024

    /// Bytes of a key file. Ours are under 600.
    package static let keyFileBytes = 4096

    /// Bytes of a search: a few sentences, and few enough words that looking for all of them stays cheap.
    package static let searchBytes = 256

    /// Bytes of a display name: it has to fit beside a key on a telephone, and goes with every message.
    package static let nameBytes = 48

    /// Marks above and below one character of a display name: what Hebrew, Thai and Vietnamese need, and no pile.
    package static let nameMarks = 3

    /// Characters of an identity's name in the key store, which is a file name.
    package static let keyNameCharacters = 64
}
