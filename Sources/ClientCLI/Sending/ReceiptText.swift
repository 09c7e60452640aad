import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

/// What `send` prints about one message.
struct SentMessage: Sendable {
    let id: MessageID
    let stored: [String]
    let relayed: Int
    let milliseconds: Int64
    /// Whether everything that was asked for happened.
    let isComplete: Bool
    /// What the router says of a store for which the message waits.
    let hindrance: String?

    init(receipt: Receipt, took duration: Duration) {
        id = receipt.id
        stored = receipt.stored.map(\.description)
        relayed = receipt.relayed
        milliseconds = duration.milliseconds
        isComplete = receipt.complete
        hindrance = receipt.hindrance.map(SafeText.line)
    }

    /// The keys `id, stored, relayed, ms`.
    var json: String {
        var line = JSONWriter(.terminal)
        line.member("id", id.hex)
        line.member("stored", stored)
        line.member("relayed", Int64(relayed))
        line.member("ms", milliseconds)
        return line.object
    }

    /// The id first, so that `cut -d' ' -f1` gives it.
    var text: String {
        let stores = stored.isEmpty ? "stored nowhere" : "stored by " + stored.joined(separator: ", ")
        return "\(id.hex)  \(stores); relayed to \(counted(relayed, "switch", "switches")); \(milliseconds) ms"
    }

    /// Neither a store nor another switch has it.
    var isNowhere: Bool { stored.isEmpty && relayed == 0 }

    /// What to say when the time was over first.
    func shortfall(acks: Int?) -> FailureReport? {
        guard !isComplete else { return nil }
        if let hindrance {
            return FailureReport("not acknowledged in time: \(hindrance)", status: .notAcknowledged)
        }
        let wanted = acks.map { counted($0, "store") } ?? "a store or a switch"
        return FailureReport(
            "not acknowledged in time: wanted \(wanted); stored by \(stored.count), relayed to \(relayed)",
            status: .notAcknowledged)
    }
}

extension BusClient {
    /// Publishes and takes the time.
    ///
    /// - Parameter acks: stores that must have committed; nil leaves it to the router.
    func send(_ message: SignedMessage, acks: Int? = nil, timeout: Duration) async throws(BusError) -> SentMessage {
        let clock = ContinuousClock()
        let start = clock.now
        let receipt = try await publish(message, acks: acks, timeout: timeout)
        return SentMessage(receipt: receipt, took: start.duration(to: clock.now))
    }
}
