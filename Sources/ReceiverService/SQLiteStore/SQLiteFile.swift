import Messages
import ReceiverStore

/// A file that is, or is to be, a store in SQLite.
package struct SQLiteFile: StoreLocation {
    private let path: String

    /// - Parameter path: absolute, so that what is said of it means the same everywhere.
    package init(_ path: String) { self.path = path }

    package var place: String { path }

    package func open(channels: [Channel], progress: Progress) throws(StoreError) -> any Store {
        try SQLiteStore.open(path: path, channels: channels, progress: progress)
    }

    package func salvage(_ output: (StoredMessage) -> Bool) throws(StoreError) -> String {
        try Salvage.run(path: path, output: output).sentence(path: path)
    }
}
