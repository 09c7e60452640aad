import Messages

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
