import Bus
import Logging
import Messages
import ReceiverStore
import SQLiteStore
import ServiceRuntime
import StoreConformance
import TestSupport

@testable import ReceiverService

extension Fixture {
    /// - Parameter newest: the newest time that the store knows.
    static func clocks(
        _ retention: Retention = Retention(), newest: Int64? = nil, now: Int64 = now,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) -> ClockWatch {
        ClockWatch(retention, newest: newest, now: now, logger: silent, monotonic: monotonic)
    }

    static func admission(
        channels: KeptChannels = KeptChannels([.tweets]), refuses2011: Bool = false,
        policy: Policy = Policy(), rates: Rates = Rates(.unbounded), standings: Standings = standings(),
        clocks: ClockWatch = clocks()
    ) -> Admission {
        Admission(
            channels: channels, refuses2011: refuses2011, policy: policy, rates: rates, standings: standings,
            clocks: clocks)
    }

    /// - Parameters:
    ///   - known: of the authors who are no strangers.
    ///   - told: gets the rules that are to be kept.
    static func standings(
        _ known: [PublicKey: Standing] = [:], told: Mailbox<Rule> = Mailbox(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) -> Standings {
        Standings { keys throws(StoreError) in
            Dictionary(uniqueKeysWithValues: keys.map { ($0, known[$0] ?? .stranger) })
        } tell: { rule throws(StoreError) in
            told.append(rule)
        } now: {
            now()
        }
    }

    static func household(
        _ store: any Store, retention: Retention = Retention(), admission: Admission = admission(),
        counters: Counters = Counters(service: "receiver"), logger: Logger = silent,
        clock: @escaping @Sendable () -> Int64 = { now }, announce: @escaping @Sendable (Committed) -> Void = { _ in },
        tell: @escaping @Sendable ([Rule]) -> Void = { _ in }
    ) -> Household {
        Household(
            receiver: ReceiverID(storeID().id), store: store, retention: retention, admission: admission,
            counters: counters, logger: logger, clock: clock, announce: announce, tell: tell)
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func store(
        in directory: TemporaryDirectory, name: String = "store.sqlite", channels: [Channel] = [.tweets]
    ) throws -> any Store {
        try SQLiteFile(directory.file(name)).open(channels: channels)
    }
}
