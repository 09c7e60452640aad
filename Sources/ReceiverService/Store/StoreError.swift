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
    /// The copy that was asked for is not one that this store makes.
    case backupRefused = "backup_refused"
    /// The copy could not be made; nothing of it is left, and the store is as it was.
    case backupFailed = "backup_failed"
    /// The caller does not want the work any more.
    case stopped = "store_stopped"
    /// Anything else that the database reports.
    case failed = "store_failed"
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
