import Bus
import BusClient
import Messages
import ServiceRuntime
import Synchronization

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
        let receipt = try await publish(message, acks: acks, from: .commandLine, timeout: timeout)
        return SentMessage(receipt: receipt, milliseconds: start.duration(to: .now).inMilliseconds)
    }
}

/// Prints what became of the messages of `send`, for as long as somebody reads it. That nobody does any more, or that the
/// disk is full, stops no message.
final class ReceiptPrinter: Sendable {
    private struct State {
        var problem: OutputError?
        /// Messages whose receipts could not be printed.
        var unprinted = 0
    }

    private let json: Bool
    private let acks: Int?
    private let state = Mutex(State())

    /// - Parameter acks: stores that were asked for.
    init(json: Bool, acks: Int?) {
        self.json = json
        self.acks = acks
    }

    /// - Parameter place: what stands before a complaint, such as `line 7: `.
    func show(_ outcome: LineSender.Outcome, place: String) {
        switch outcome {
        case .failure(let failure): tell(place + failure.report.message)
        case .success(let sent):
            let text = json ? sent.json : sent.text
            state.withLock { state in
                guard state.problem == nil else { return state.unprinted += 1 }
                do throws(OutputError) {
                    try StandardStreams.out(text + "\n")
                } catch {
                    state.problem = error
                    state.unprinted = 1
                    if error != .readerGone { tell("\(error); the receipt is: \(text)") }
                }
            }
            if let shortfall = sent.shortfall(acks: acks) { tell(place + shortfall) }
        }
    }

    /// What a full disk adds to the status of the sending itself.
    func finish() -> ExitStatus {
        let (problem, unprinted) = state.withLock { ($0.problem, $0.unprinted) }
        guard let problem, problem != .readerGone else { return .done }
        if unprinted > 1 { tell("\(unprinted) messages were sent whose receipts could not be written") }
        return .failed
    }
}
