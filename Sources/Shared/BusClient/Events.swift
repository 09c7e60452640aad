import Bus
import Messages

/// What a follower sees, straight from the router.
package enum FollowEvent: Sendable, Hashable {
    /// One message, as it came; `receivedAt` in milliseconds since 1970. The signature is **not** checked yet.
    case message(SignedMessage, receivedAt: Int64)
    /// The router has been silent for three beats. It is tried again all the time.
    case routerLost
    /// It answers again; what came in between is missing here.
    case routerBack
    /// So many messages were dropped because they weren't taken from the stream.
    case missed(Int)
}

/// A message that a store has committed, and where.
package struct FeedMessage: Sendable, Hashable {
    package let store: StoreID
    package let row: Row

    package init(store: StoreID, row: Row) {
        self.store = store
        self.row = row
    }

    /// The place in the store's order of commits.
    package var position: UInt64 { row.position }
    package var stored: StoredMessage { row.stored }
}

/// What was committed, in all stores.
package enum FeedEvent: Sendable, Hashable {
    /// New messages, in the order of their arrival here. Each comes once, as long as two stores commit it within the
    /// last sixteen thousand messages; a store that catches up later can bring an old one again.
    case messages([FeedMessage])
    /// What an operator has just said of messages and keys. It comes once from each store that was told.
    case rules([Rule])
    /// Messages may be missing here: the feed began to listen to a store, or the subscriber or the feed fell too far
    /// behind. Whoever shows a view loads it anew.
    case reset
}

/// What a client counted since it was made.
package struct BusClientCounters: Sendable, Hashable {
    /// Requests to the router that were sent again.
    package var resent: UInt64 = 0
    /// Answers to requests that nobody waits for any more.
    package var unknownReplies: UInt64 = 0
    /// Messages that could not be read, or have no place here.
    package var unreadable: UInt64 = 0
    /// Queries that went to a further receiver because one failed or was late.
    package var failovers: UInt64 = 0
    /// Queries that went to a second receiver because the first one took long.
    package var hedges: UInt64 = 0
    /// Gaps in a feed that were noticed.
    package var gaps: UInt64 = 0
    /// Messages that the feed had from queries instead.
    package var repairedMessages: UInt64 = 0
    /// Messages that came again from another store or receiver.
    package var duplicates: UInt64 = 0
    /// Resets that were told to subscribers of the feed.
    package var resets: UInt64 = 0
    /// Messages that followers lost because they didn't take them.
    package var missedByFollowers: UInt64 = 0
    /// Entries of the directory that can't be used.
    package var uselessEntries: UInt64 = 0
}
