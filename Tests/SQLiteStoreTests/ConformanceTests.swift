import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// The store in SQLite does what every kind of store does.
@Suite(.timeLimit(.minutes(2))) struct ConformanceTests {
    @Test(arguments: ConformanceTest.all) func store(_ test: ConformanceTest) async throws {
        try await test.run(on: SQLiteSite())
    }
}

private struct SQLiteSite: StoreSite {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    var location: any StoreLocation { SQLiteFile(directory.file("store.sqlite")) }

    func location(ofCopy path: String) -> any StoreLocation { SQLiteFile(path) }
}
