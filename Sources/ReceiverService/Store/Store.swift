import Bus
import Messages
import TelehashWire

/// Everything that a receiver keeps: messages with their order, rules, names, and how far other stores were read.
///
/// Any number of receivers, on one machine or on several, have one store open: each call is a transaction of its own or a
/// read of one state, and what one receiver has committed the others see in their next call. Whatever changes what a page
/// shows gives the store a new position, so that a page that is remembered by the position is known to be out of date.
///
/// What is asked from tasks, much of it at a time, is `async`. The other calls keep their thread until the work is done: up
/// to ``StoreLimits/busyMilliseconds`` for the other receivers, and as long as it takes to make it durable. They are made on
/// threads that may wait. After ``close()`` every call fails.
///
/// Times are milliseconds since 1970, and come from the caller.
package protocol Store: Storing {
    /// Made with the store and kept in it, so that it moves with it.
    var id: StoreID { get }

    /// Where it is, for people.
    var place: String { get }

    // MARK: - Reading

    /// Answers from one consistent state: pages, one message, search, what was committed after a position, names, rules,
    /// channels, counts. What fails is an answer as well, a refusal with the code of a ``StoreError``.
    ///
    /// At most ``StoreLimits/concurrentQueries`` are asked at a time, and ``StoreLimits/concurrentSearches`` besides.
    ///
    /// - Parameter deadline: then nobody waits for the answer any more, and the work on it ends.
    func answer(_ query: Query, until deadline: ContinuousClock.Instant) async -> Answer

    /// How many there are, those included that are not shown.
    func messages() async throws(StoreError) -> UInt64

    // MARK: - Rules and names

    /// Takes a rule, unless a newer one about the same subject is known, and does what it says.
    ///
    /// A block goes through all that is there of the author, and gets nobody else to wait long; what comes from then on is
    /// refused from its first moment. ``finishRules()`` completes one that was interrupted.
    ///
    /// - Returns: how many messages were hidden, or are shown again.
    func set(_ rule: Rule) throws(StoreError) -> Int

    /// Takes those of another store's rules of which nothing newer is known.
    ///
    /// Those about who is known are passed over where there are too many rules: nothing that is shown depends on them.
    ///
    /// - Returns: which these were.
    func adopt(_ rules: [Rule]) throws(StoreError) -> [Rule]

    /// Does what the rules demand and a crash prevented.
    func finishRules() throws(StoreError)

    /// How this store stands to authors.
    ///
    /// - Parameter now: this receiver's clock.
    /// - Returns: one for each key.
    func standings(of keys: [PublicKey], now: Int64) async throws(StoreError) -> [PublicKey: Standing]

    /// Keeps the names of channels that are taken from now on. Where one is new, all other stores are read from their
    /// beginning again: what they have of it was passed over until now.
    func name(_ channels: [Channel]) throws(StoreError)

    // MARK: - Retention

    /// Drops what is older than a channel keeps, and of what is more than it keeps first what is hidden, then what
    /// strangers wrote, then what those wrote who hold most; and what strangers hold beyond their bound. Of an author the
    /// oldest goes first, and nobody loses more than it takes to hold no more than the others. Gets nobody to wait long.
    ///
    /// What is dropped for its age leaves the time up to which it went, never later than ``StoreLimits/horizonGap`` ago:
    /// what is at or before it is not taken again, from wherever it comes. What is dropped for want of room leaves its id.
    /// When the bounds are widened both are forgotten.
    ///
    /// Nothing that was there when the store came from an earlier version is dropped for being a stranger's within
    /// ``StoreLimits/settledAfter``.
    ///
    /// - Parameter now: nil: the clock is not believed, and age does not count.
    /// - Returns: how many messages were dropped.
    func prune(_ retention: Retention, now: Int64?) throws(StoreError) -> Int

    /// How many messages ``prune(_:now:)`` would drop, about, and how many there are.
    func pruneForecast(_ retention: Retention, now: Int64?) throws(StoreError) -> (dropped: Int, all: Int)

    /// How many messages of strangers, about, are only kept because the store came from an earlier version lately.
    func sparedMessages(_ retention: Retention, now: Int64?) throws(StoreError) -> Int

    /// When the clock was last believed, and when the last messages came; nil: never.
    func knownTimes() throws(StoreError) -> (believed: Int64?, arrived: Int64?)

    /// Remembers that the clock was believed. The latest one stays.
    func believe(_ now: Int64) throws(StoreError)

    // MARK: - Messages kept aside

    /// Those behind a place whose time has come, in their order, at most ``StoreLimits/houseBatch``.
    func dueMessages(now: Int64, after place: EarlyMessage.Place) throws(StoreError) -> [EarlyMessage]

    func forgetEarly(_ ids: [MessageID]) throws(StoreError)

    /// How many there are, and of how many authors those are that came since then.
    func earlyMessages(since time: Int64) throws(StoreError) -> (messages: Int, authors: Int)

    /// Gives the store a new position without a message: what is remembered by the old one is out of date.
    func advancePosition() throws(StoreError)

    // MARK: - Other stores

    /// Up to which of its positions another store was read; 0: never.
    func replicaPosition(of other: StoreID) throws(StoreError) -> UInt64

    func setReplicaPosition(of other: StoreID, to position: UInt64) throws(StoreError)

    // MARK: - Care

    /// Makes a copy of the store as it is at one moment, while others go on reading and writing. There is one at a time,
    /// whichever receiver holds it.
    ///
    /// - Throws: `backupBusy`; `backupFailed`, and nothing of it is left.
    func copy() throws(StoreError) -> any StoreCopy

    /// Looks after the store beside the work, until it turns out that it cannot be used any longer.
    ///
    /// - Returns: why; nil when the task is cancelled. For one caller.
    func failure() async -> StoreError?

    /// Ends the use of this store by this receiver; a call that waits for another receiver gives up soon. Twice is once.
    func close()
}

/// A copy of a store, held for somebody who takes it away. Its bytes are a store of the same kind, wherever they are written.
package protocol StoreCopy: AnyObject, Sendable {
    var bytes: UInt64 { get }

    /// - Returns: as many as wanted, fewer at the end only.
    /// - Throws: `backupGone` after ``close()``, `backupFailed`.
    func read(from offset: UInt64, count: Int) throws(StoreError) -> [UInt8]

    /// Takes it away; nothing of it is left. Twice is once.
    func close()
}

/// What makes the check of a message's signature needless.
package struct Screening: Sendable {
    /// Messages that are durably stored.
    package var stored: Set<MessageID> = []
    /// Authors who are blocked.
    package var blocked: Set<PublicKey> = []
    /// Up to which time each channel was dropped; what is at or before it is not taken. Milliseconds since 1970.
    package var horizons: [NodeID: Int64] = [:]

    package init() {}
}

/// The part of a store that the pipeline needs.
package protocol Storing: Sendable {
    /// Writes all messages in one transaction and returns when it is durable, also of those that the store had already.
    ///
    /// Each new message gets the next position, and no reader sees a position before all that come before it.
    ///
    /// - Throws: ``StoreError``: nothing of it was acknowledged, and all of it may be given again. It comes soon enough that
    ///   the router hears of it before the lease of the deliveries ends.
    func commit(_ batch: [Incoming]) throws(StoreError) -> Committed

    /// Those of the messages that are durably stored.
    func stored(among ids: [MessageID]) async throws(StoreError) -> Set<MessageID>

    /// What is known of messages, and of their authors, before anybody looks at a signature. One read.
    func screening(of ids: [MessageID], by keys: Set<PublicKey>) async throws(StoreError) -> Screening

    /// The newest position.
    func position() async throws(StoreError) -> UInt64
}

/// Where a store of one kind is, or is to be.
package protocol StoreLocation: Sendable {
    /// Told what takes long: how much of all is done.
    typealias Progress = (_ done: Int64, _ all: Int64) -> Void

    /// Where it is, for people.
    var place: String { get }

    /// Opens the store, makes it when there is none, and brings an older one up to date.
    ///
    /// - Parameter channels: their names are kept in the store (``Store/name(_:)``), so that answers can name them.
    /// - Throws: ``StoreError`` whose sentence names the place. What is not ours, or newer than us, is left as it is.
    func open(channels: [Channel], progress: Progress) throws(StoreError) -> any Store

    /// Takes every intact message out of a store, whatever happened to it; changes nothing.
    ///
    /// - Parameter output: gets each message once; false stops the work.
    /// - Returns: a sentence about what was found.
    /// - Throws: ``StoreError`` where nothing can be read.
    func salvage(_ output: (StoredMessage) -> Bool) throws(StoreError) -> String
}

extension StoreLocation {
    package func open(channels: [Channel]) throws(StoreError) -> any Store {
        try open(channels: channels, progress: { _, _ in })
    }
}

extension Store {
    /// With the time that a query has whose sender does not say how long it waits.
    package func answer(_ query: Query) async -> Answer {
        await answer(query, until: .now + .milliseconds(Int64(BusLimits.queryMilliseconds)))
    }
}
