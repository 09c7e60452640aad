import Bus
import Messages

/// Why a store cannot be used, or why it could not do something just now.
package typealias StoreError = CodedError<StoreErrorCode>

package enum StoreErrorCode: String, Sendable, CaseIterable {
    /// What is there is no database.
    case notADatabase = "store_not_a_database"
    /// A database that p2pmsg did not make.
    case foreign = "store_foreign"
    /// A later p2pmsg has changed the store.
    case newer = "store_newer"
    case unreadable = "store_unreadable"
    case notWritable = "store_not_writable"
    case damaged = "store_damaged"
    case diskFull = "store_full"
    /// This process, or the machine, has as many files open as it may.
    case noDescriptors = "store_no_descriptors"
    /// Another process held the write lock for too long.
    case locked = "store_locked"
    /// Somebody else is taking a copy away.
    case backupBusy = "backup_busy"
    /// The copy is not held any more.
    case backupGone = "backup_gone"
    /// The copy could not be made; nothing of it is left, and the store is as it was.
    case backupFailed = "backup_failed"
    /// The caller does not want the work any more.
    case stopped = "store_stopped"
    /// Anything else that the database reports.
    case failed = "store_failed"
}

extension StoreError {
    package static let copyUnderWay = StoreError(
        .backupBusy,
        "another backup of this store is under way; try again when it has ended, which takes at most a minute after its "
            + "client is gone")

    package static let copyGone = StoreError(
        .backupGone, "the copy is not held any more, nothing of it was asked for in time; begin the backup anew")
}

extension Refusal {
    package init(_ error: MessageError) {
        self.init(code: error.code.rawValue, text: error.message)
    }

    package init(_ error: StoreError) {
        self.init(code: error.code.rawValue, text: error.message)
    }

    package static let keyBlocked = Refusal(
        code: "key_blocked", text: "the operator of this store has blocked the author's key")

    package static let expired = Refusal(
        code: "message_expired", text: "the message is older than what this store keeps: check both clocks")

    package static let dropped = Refusal(
        code: "message_dropped", text: "this store had the message and has dropped it for want of room")

    package static let signatureUsed = Refusal(
        code: "signature_used",
        text: "a message with this 2011 signature is here already, and one signature counts for one message only")

    package static let storeNearlyFull = Refusal(
        code: "store_nearly_full",
        text: "the store's disk is nearly full: what is left is for authors whom it knows better")

    /// Of a message that is dated too far ahead.
    package static func early(_ message: SignedMessage, now: Int64) -> Refusal {
        do throws(MessageError) {
            try message.checkTime(now: now)
        } catch {
            return Refusal(error)
        }
        return Refusal(code: MessageError.Code.atInFuture.rawValue, text: "the author's time has not come yet")
    }

    package static let hidden = Refusal(
        code: "message_hidden", text: "the operator of this store has hidden the message")

    /// Of a question whose sender has given up by now.
    package static let outdated = Refusal(code: "busy", text: "there was too little time left for that")
}
