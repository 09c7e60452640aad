import ReceiverStore
import SQLiteStore
import ServiceRuntime

import struct Foundation.URL

/// What `--store` says: the one place that knows which kinds of store there are.
enum StoreSetting {
    /// - Throws: ``FailureReport`` of status `usage`.
    static func location(_ value: String) throws(FailureReport) -> any StoreLocation {
        guard !value.isEmpty else { throw FailureReport("--store: the path is empty", status: .usage) }
        let scheme = value.prefix { $0.isLetter }
        guard scheme.isEmpty || !value.dropFirst(scheme.count).hasPrefix("://") else {
            throw FailureReport("--store: no store is opened by \(scheme)://, write the path of a file", status: .usage)
        }
        // Absolute, so that what is logged means the same everywhere.
        return SQLiteFile(value.hasPrefix("/") ? value : URL(fileURLWithPath: value).path)
    }
}
