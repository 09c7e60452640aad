import Bus
import BusClient
import Messages
import ServiceRuntime

/// What `send` prints about one message.
struct SentMessage: Sendable {
    let receipt: Receipt
    /// Milliseconds that it took.
    let milliseconds: Int64

    var json: String { receipt.json(milliseconds: milliseconds) }

    /// The id first, so that `cut -d' ' -f1` gives it.
    var text: String {
        let stores = receipt.stored.map(\.description).joined(separator: ", ")
        return "\(receipt.id.hex)  \(stores.isEmpty ? "stored nowhere" : "stored by " + stores); "
            + "relayed to \(counted(receipt.relayed, "switch", "switches")); \(milliseconds) ms"
    }

    /// Neither a store nor another switch has it.
    var isNowhere: Bool { receipt.stored.isEmpty && receipt.relayed == 0 }

    /// What to say when the time was over first.
    ///
    /// - Parameter acks: stores that were asked for.
    func shortfall(acks: Int?) -> String? {
        guard !receipt.complete else { return nil }
        if let hindrance = receipt.hindrance { return "not acknowledged in time: \(SafeText.line(hindrance))" }
        let wanted = acks.map { counted($0, "store") } ?? "a store or a switch"
        return "not acknowledged in time: wanted \(wanted); "
            + "stored by \(receipt.stored.count), relayed to \(receipt.relayed)"
    }
}

extension BusClient {
    /// Publishes and takes the time.
    ///
    /// - Parameter acks: stores that must have committed; nil leaves it to the router.
    func send(_ message: SignedMessage, acks: Int?, timeout: Duration) async throws(BusError) -> SentMessage {
        let start = ContinuousClock.now
        let receipt = try await publish(message, acks: acks, timeout: timeout)
        return SentMessage(receipt: receipt, milliseconds: start.duration(to: .now).inMilliseconds)
    }
}
