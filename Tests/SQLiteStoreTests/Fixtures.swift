import Messages
import StoreConformance
import TestSupport

@testable import SQLiteStore

extension Fixture {
    static func store(
        in directory: TemporaryDirectory, name: String = "store.sqlite", channels: [Channel] = [.tweets]
    ) throws -> SQLiteStore {
        try SQLiteStore.open(path: directory.file(name), channels: channels)
    }
}
