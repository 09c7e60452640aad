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
    /// Whoever asked for the work does not want it any more.
    case stopped = "store_stopped"
    /// Anything else that the database reports.
    case failed = "store_failed"
}
