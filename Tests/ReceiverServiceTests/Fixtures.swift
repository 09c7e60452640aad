import Bus
import Logging
import Messages
import ReceiverStore
import SQLiteStore
import StoreConformance
import TestSupport

@testable import ReceiverService

extension Fixture {
    /// - Parameter newest: the newest time that the store knows.
    static func clocks(
        _ retention: Retention = .unbounded, newest: Int64? = nil, now: Int64 = now,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) -> ClockWatch {
        ClockWatch(retention, newest: newest, now: now, logger: silent, monotonic: monotonic)
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func store(
        in directory: TemporaryDirectory, name: String = "store.sqlite", channels: [Channel] = [.tweets]
    ) throws -> any Store {
        try SQLiteFile(directory.file(name)).open(channels: channels)
    }
}
