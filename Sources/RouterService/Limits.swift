import Bus
import Telehash

/// Bounds of the router, beside those of the switch and of the bus.
enum RouterLimits {
    /// Bytes of messages that may wait for one store: some 20,000 of them, minutes of a busy wall.
    static let waitingBytes = 24 * 1024 * 1024

    /// Bytes that a waiting message takes beside its text: signals, each a string of its own, id, lease, and the room that a
    /// queue has to grow.
    static let bytesBesideText = 1_100

    /// Milliseconds that a store without a receiver is waited for before what waits for it is dropped.
    static let absentStoreMilliseconds: Int64 = 10 * 60 * 1_000

    /// Milliseconds that receivers have to introduce themselves to a router that cannot know whether there are any, before
    /// it takes its node for one without a store: three beats, as one whose router is gone tries every second.
    static let receiverPatience = Liveness.silenceMilliseconds

    /// Bytes of the file with the stores that the node had: sixteen of them with all channels that can be.
    static let storeMemoryBytes = 512 * 1024

    /// Publications that wait for their receipts. Clients keep about 100 in flight; this serves a hundred of them.
    static let openPublications = 10_000

    /// How many of them there may be for visitors of the page to open one more: the command line has the rest.
    static let openOfVisitors = openPublications * 3 / 4

    /// Publications whose deadlines are looked at in one tick: with all that may be open a receipt is a tenth of a second late,
    /// and a core is not busy with it.
    static let publicationsPerTick = 1_000

    /// Stores of this node, each with a queue: more than anybody has replicas.
    static let stores = 16

    /// Ends of all followers together, each counted for itself: sixteen who follow all channels that one may name.
    static let followedEnds = 16 * BusLimits.channels

    /// Milliseconds that a receipt whose stores have committed waits for the first switch to prove that it took the
    /// message. A round trip on the open internet fits; a person doesn't notice.
    static let relayGraceMilliseconds: Int64 = 50

    /// Longest time that a client can ask the router to wait, in milliseconds.
    static let longestWaitMilliseconds: Int64 = 10 * 60 * 1_000

    /// Message ids remembered so that followers see a message once, however often it comes.
    static let recentMessages = 16_384

    /// Messages that a store took in the last seconds: where another store of the node has them already, that is no replay.
    static let justStored = 4_096

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

    /// Switches that are saved for the next start: as many as the switch remembers in case it loses everybody.
    static let savedSwitches = Telehash.Limits.default.routing.knownSwitches

    /// Bytes of the file of saved switches: three times a full one.
    static let stateBytes = 16 * 1024

    /// When the switches that are known are saved for the first time, after the start and whenever none were.
    static let firstSave = Duration.seconds(1)

    /// Between two looks whether other switches are known than were saved, when no line began or ended.
    static let saveInterval = Duration.seconds(120)

    /// Between two looks when some did: a crash costs no more than that, and a busy node writes no more often.
    static let changeInterval = Duration.seconds(2)

    /// Bytes that may have come over a line since it was saved: half of what a restart makes up for.
    static let unsavedBytes = Telehash.Limits.default.lines.unrecordedBytes / 2

    /// Milliseconds for which a saved switch that answers no more is kept: a month of absence on either side.
    static let savedForMilliseconds: Int64 = 30 * 86_400 * 1_000

    /// Milliseconds after which the time of a switch's last answer is written anew although nothing else changed.
    static let staleStampMilliseconds: Int64 = 86_400 * 1_000

    /// Datagrams that wait while the system's buffer for sending is full: ten of those buffers.
    static let waitingDatagrams = 8_192

    /// Until a full buffer for sending is looked at again: a link of 100 Mbit/s has emptied 12 kB by then.
    static let sendRetry = Duration.milliseconds(1)

    /// From the loss of the UDP socket to the first try to bind it again; each next pause is twice as long.
    static let firstRebind = Duration.milliseconds(100)

    /// The longest pause between two tries to bind the UDP socket: whatever held it up, the mesh is joined again within 15 s.
    static let longestRebind = Duration.seconds(5)

    /// How long the UDP socket may be lost before the operator is told, and `/livez` says so.
    static let unboundPatience = Duration.seconds(15)

    /// Between two looks at the interfaces of this machine: a link that comes is used within that time and a round trip.
    static let networkLook = Duration.seconds(5)

    /// Seconds of the machine's time between two looks that should be one second apart, beyond which it slept.
    static let sleepSeconds: Int64 = 10

    /// From a look-up of a seed's name to the next one while no other node answers; each next pause is twice as long.
    static let firstLookUp = Duration.seconds(1)

    /// The longest pause between two such look-ups, as between two dials to a seed.
    static let longestLookUp = Duration.seconds(10)

    /// The pause while other nodes answer: names are looked up only in case that their addresses have changed.
    static let restingLookUp = Duration.seconds(600)

    /// How long a look-up may take before the next one does not wait for it any more: the system's own patience is longer.
    static let lookUpPatience = Duration.seconds(5)

    /// Look-ups of one name that are under way at a time.
    static let lookUpsAtOnce = 3

    /// Addresses of one seed's name that are dialled.
    static let addressesPerSeed = 16

    /// How long a node may be without others after its start before its operator is told: seeds are dialled four times.
    static let joinPatience = Duration.seconds(30)

    /// Over how long the traffic's rates are means: a keepalive round or half of one does not show.
    static let rateWindow = Duration.seconds(10)

    /// Milliseconds between two looks at deadlines while publications are open.
    static let busyTickMilliseconds: Int64 = 10
}
