/// Bounds of the router, beside those of the switch and of the bus.
enum RouterLimits {
    /// Messages that may wait for one store. At 600 bytes each this is about 30 MB: minutes of a busy wall.
    static let waitingMessages = 50_000

    /// Bytes of messages that may wait for one store.
    static let waitingBytes = 24 * 1024 * 1024

    /// Milliseconds that a store without a receiver is waited for before what waits for it is dropped.
    static let absentStoreMilliseconds: Int64 = 10 * 60 * 1_000

    /// Publications that wait for their receipts. Clients keep about 100 in flight; this serves a hundred of them.
    static let openPublications = 10_000

    /// Milliseconds that a receipt whose stores have committed waits for the first switch to prove that it took the
    /// message. A round trip on the open internet fits; a person doesn't notice.
    static let relayGraceMilliseconds: Int64 = 50

    /// Longest time that a client can ask the router to wait, in milliseconds.
    static let longestWaitMilliseconds: Int64 = 10 * 60 * 1_000

    /// Message ids remembered so that followers see a message once, however often it comes.
    static let recentMessages = 16_384

    /// Milliseconds before a store that failed (disk full, locked) is tried again.
    static let retryMilliseconds: Int64 = 1_000

    /// Receivers and followers known at one time: more is a runaway script, not a node.
    static let peers = 4_096

    /// Upper bounds, in milliseconds, of the classes in which the time of receipts is counted: from a commit without
    /// waiting to a client that has given up.
    static let receiptBounds: [UInt64] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000]

    /// Messages that wait for one peer of the bus. A receiver's window of 1,024 deliveries fits, in batches, and so do the
    /// receipts of ten clients; a follower that does not read takes at most 2 MB of memory.
    static let waitingForPeer = 1_024

    /// Messages that wait from one peer of the bus, beyond which it has to wait: about 4 MB.
    static let waitingFromPeer = 4_096

    /// Milliseconds between two looks at deadlines while publications are open.
    static let busyTickMilliseconds: Int64 = 10
}
