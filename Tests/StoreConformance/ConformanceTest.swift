import Messages
import ReceiverStore
import Synchronization
import Testing

/// One thing that every kind of store has to do. A kind passes when all of ``ConformanceTest/all`` do, each on a site of
/// its own; what only one kind has (its files, its way to fail) is tested beside it.
package struct ConformanceTest: Sendable, CustomTestStringConvertible {
    typealias Body = @Sendable (Stores) async throws -> Void

    package static let all =
        commits + sharing + pages + searches + rules + retention + strangers + fullChannels + names + finding + early
        + places + copies

    package let testDescription: String
    private let body: Body

    package func run(on site: some StoreSite) async throws {
        let stores = Stores(site)
        defer { stores.close() }
        try await body(stores)
    }

    /// The tests that the body adds.
    static func tests(_ body: ((String, @escaping Body) -> Void) -> Void) -> [ConformanceTest] {
        var tests: [ConformanceTest] = []
        body { tests.append(ConformanceTest(testDescription: $0, body: $1)) }
        return tests
    }
}

/// Room for the store of one test.
package protocol StoreSite: Sendable {
    /// Where it is made; nothing is there at first, and nobody else comes there.
    var location: any StoreLocation { get }

    /// Where a file with the bytes of a ``StoreCopy`` is a store.
    func location(ofCopy path: String) -> any StoreLocation
}

/// The store of one test, as one or several receivers have it open. What is still open at the end is closed.
final class Stores: Sendable {
    let site: any StoreSite
    private let opened = Mutex<[any Store]>([])

    init(_ site: any StoreSite) { self.site = site }

    /// As one more receiver, or as the next start after a close.
    func open(channels: [Channel] = [.tweets]) throws -> any Store {
        try open(site.location, channels: channels)
    }

    func open(copy path: String) throws -> any Store {
        try open(site.location(ofCopy: path), channels: [.tweets])
    }

    private func open(_ location: any StoreLocation, channels: [Channel]) throws -> any Store {
        let store = try location.open(channels: channels)
        opened.withLock { $0.append(store) }
        return store
    }

    func close() {
        for store in opened.withLock({ $0 }) { store.close() }
    }
}
