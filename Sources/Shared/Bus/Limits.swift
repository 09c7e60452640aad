/// Bounds of the bus, one place for all of them.
package enum BusLimits {
    /// Bytes in one frame. A page of ``pageRows`` full messages stays below it; more is refused unread.
    package static let frameBytes = 4 * 1024 * 1024

    /// Bytes in one frame from a client or receiver to the router: one full batch of acks or one message fits many times.
    package static let requestBytes = 64 * 1024

    /// Frames in one multipart message, the routing frame included. The contract uses two; the rest is slack.
    package static let frames = 8

    /// Messages in one `deliver`: enough to fill a group commit, small enough that a lost one costs little.
    package static let deliverBatch = 128

    /// Rows in one answer. Callers page for more.
    package static let pageRows = 500

    /// Milliseconds that somebody waits for a query's answer who does not say how long.
    package static let queryMilliseconds: UInt32 = 2_000

    /// Channels that one receiver or follower can name, and that all receivers of a node take together.
    package static let channels = 256

    /// Messages in one ``Control/store(_:)``: their signatures take about 50 ms, a query waits no longer for them.
    package static let importRows = 256

    /// Bytes of messages in one ``Control/store(_:)``, estimated by their binary form: below ``requestBytes`` with all
    /// that is around them.
    package static let importBytes = 48 * 1024

    /// Rules in one answer.
    package static let rules = 500

    /// Bytes of a rule's reason: a sentence or two.
    package static let reasonBytes = 512

    /// Digits of an id or a key that are enough to look for it: one in sixteen million others begins alike.
    package static let prefixDigits = 6

    /// What a few digits may mean, in one answer: enough to choose from.
    package static let candidates = 8

    /// Dead letters in one answer; the router keeps no more than that.
    package static let deadLetters = 1_000

    /// Notices in one answer: there are a few kinds, and more than a screen of them nobody reads.
    package static let notices = 16

    /// Bytes of one piece of a store's copy: about a millisecond of a disk and a bus, so that queries hardly wait for it.
    package static let copyPieceBytes = 256 * 1024

    /// Bytes of a text field (endpoint, code, reason, version).
    package static let textBytes = 1024
}

/// How the two sides of a connection know that the other one is there (application level, on top of ZMTP's own
/// heartbeats, which prove only that the peer's I/O thread lives).
package enum Liveness {
    /// Milliseconds between two beats; every message counts as one.
    package static let beatMilliseconds: Int64 = 1_000

    /// Beats that may be missed before the peer counts as gone.
    package static let missedBeats: Int64 = 3

    /// Milliseconds of silence after which a peer is gone.
    package static let silenceMilliseconds = beatMilliseconds * missedBeats

    /// Milliseconds that a receiver has for one delivery before it is given to another.
    package static let leaseMilliseconds: Int64 = 5_000

    /// Deliveries of one message to one store before it becomes a dead letter.
    package static let attempts = 5
}
