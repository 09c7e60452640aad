import Bus
import Logging
import Messages
import TestSupport

@testable import ReceiverService

/// Messages, stores and clocks for the tests.
enum Fixture {
    static let author = Identity.generate(.ed25519)
    static let secondAuthor = Identity.generate(.ed25519)
    static let legacyAuthor = Identity.generate(.legacy)

    /// A time that all tests agree on, milliseconds since 1970.
    static let now: Int64 = 1_800_000_000_000

    static func message(
        _ text: String, at: Int64 = now, by identity: Identity = author, channel: Channel = .tweets
    ) throws -> SignedMessage {
        try identity.sign(text, channel: channel, at: at)
    }

    static func messages(_ count: Int, prefix: String = "message", at: Int64 = now) throws -> [SignedMessage] {
        try (0..<count).map { try message("\(prefix) \($0)", at: at + Int64($0)) }
    }

    /// The same signals with another signature, well spelled: the id is the same, the signature is wrong.
    static func forged(_ message: SignedMessage) throws -> SignedMessage {
        var signals = message.signals
        signals["+sig"] = try self.message("something else").signature
        return try SignedMessage(signals: signals)
    }

    /// - Parameter newest: the newest time that the store knows.
    static func clocks(
        _ retention: Retention = .unbounded, newest: Int64? = nil, now: Int64 = now,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) -> ClockWatch {
        ClockWatch(retention, newest: newest, now: now, logger: silent, monotonic: monotonic)
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func storeID() -> StoreID {
        var random = SystemRandomNumberGenerator()
        return StoreID(UniqueID(using: &random))
    }

    static func store(
        in directory: TemporaryDirectory, name: String = "store.sqlite", channels: [Channel] = [.tweets]
    ) throws -> SQLiteStore {
        try SQLiteStore.open(path: directory.file(name), channels: channels, makeID: { storeID() })
    }
}

extension SQLiteStore {
    @discardableResult
    func commit(_ messages: [SignedMessage], receivedAt: Int64 = Fixture.now) throws -> Committed {
        try commit(messages.map { Incoming(message: $0, receivedAt: receivedAt) })
    }

    func page(_ query: Query) async -> (rows: [Row], more: Bool)? {
        guard case .rows(let rows, let more) = await answer(query).body else { return nil }
        return (rows, more)
    }

    func summary() async -> Summary? {
        guard case .summary(let summary) = await answer(.summary).body else { return nil }
        return summary
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension KeptChannels: ExpressibleByArrayLiteral {
    public convenience init(arrayLiteral channels: Channel...) { self.init(channels) }
}
