import Bus
import Messages
import ReceiverStore

/// Messages for the tests of stores and receivers.
package enum Fixture {
    package static let author = Identity.generate(.ed25519)
    package static let secondAuthor = Identity.generate(.ed25519)
    package static let legacyAuthor = Identity.generate(.legacy)

    /// A time that all tests agree on, milliseconds since 1970.
    package static let now: Int64 = 1_800_000_000_000

    /// - Parameter name: what the message says of its author's name.
    package static func message(
        _ text: String, at: Int64 = now, by identity: Identity = author, channel: Channel = .tweets,
        name: String? = nil
    ) throws -> SignedMessage {
        try identity.sign(text, channel: channel, at: at, extra: name.map { ["+name": $0] } ?? [:])
    }

    package static func messages(_ count: Int, prefix: String = "message", at: Int64 = now) throws -> [SignedMessage] {
        try (0..<count).map { try message("\(prefix) \($0)", at: at + Int64($0)) }
    }

    /// Messages as they come from keys of which nothing is here, one of each key unless it is said, or of those that are
    /// named. A store believes signatures, which cost too much.
    package static func flood(
        _ count: Int, keys: Int? = nil, by named: [String]? = nil, padding: Int = 0, at: Int64 = now,
        prefix: String = "flood"
    ) throws -> [SignedMessage] {
        let authors = named ?? (0..<(keys ?? count)).map { _ in Identity.generate(.ed25519).publicKey.text }
        let signals = try message("signed").signals
        return try (0..<count).map { number in
            var signals = signals
            signals["+key"] = authors[number % authors.count]
            signals["+message"] = "\(prefix) \(number) " + String(repeating: "x", count: padding)
            signals["+at"] = "\(at + Int64(number))"
            return try SignedMessage(signals: signals)
        }
    }

    /// The same signals with another signature, well spelled: the id is the same, the signature is wrong.
    package static func forged(_ message: SignedMessage) throws -> SignedMessage {
        var signals = message.signals
        signals["+sig"] = try self.message("something else").signature
        return try SignedMessage(signals: signals)
    }

    package static func storeID() -> StoreID {
        var random = SystemRandomNumberGenerator()
        return StoreID(UniqueID(using: &random))
    }
}

extension Store {
    /// - Parameter receivedAt: nil: at the time of each message, if that is later than ``Fixture/now``.
    @discardableResult
    package func commit(_ messages: [SignedMessage], receivedAt: Int64? = nil) throws -> Committed {
        try commit(
            messages.map {
                Incoming(message: $0, receivedAt: receivedAt ?? max(Fixture.now, $0.at ?? Fixture.now))
            })
    }

    package func page(_ query: Query) async -> (rows: [Row], more: Bool)? {
        guard case .rows(let rows, let more) = await answer(query).body else { return nil }
        return (rows, more)
    }

    package func rules(_ kind: Rule.Kind, after subject: [UInt8]? = nil, limit: UInt32) async -> (
        rules: [Rule], more: Bool
    )? {
        guard case .rules(let rules, let more) = await answer(.rules(kind, after: subject, limit: limit)).body else {
            return nil
        }
        return (rules, more)
    }

    package func summary() async -> Summary? {
        guard case .summary(let summary) = await answer(.summary).body else { return nil }
        return summary
    }
}

/// Numbers that are the same in every run (SplitMix64).
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
