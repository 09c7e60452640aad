import Bus
import BusClient
import Messages
import Synchronization
import TestSupport

/// What the writers were told.
final class Ledger: Sendable {
    /// One message that got its receipt.
    struct Entry: Sendable {
        let receipt: Receipt
        let begun: ContinuousClock.Instant
        let ended: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Entry] = []
        /// By code, with the last one's words.
        var errors: [String: (count: Int, text: String)] = [:]
    }

    private let state = Mutex(State())

    func note(_ receipt: Receipt, begun: ContinuousClock.Instant) {
        let entry = Entry(receipt: receipt, begun: begun, ended: .now)
        state.withLock { $0.entries.append(entry) }
    }

    func note(_ error: BusError) {
        let code = error.refusal?.code ?? error.code.rawValue
        state.withLock { $0.errors[code] = (($0.errors[code]?.count ?? 0) + 1, error.message) }
    }

    var entries: [Entry] { state.withLock { $0.entries } }
    var receipts: [Receipt] { entries.map(\.receipt) }
    var errors: [String: (count: Int, text: String)] { state.withLock { $0.errors } }

    /// The messages that a store has acknowledged.
    var acknowledged: Set<MessageID> { Set(receipts.lazy.filter { !$0.stored.isEmpty }.map(\.id)) }

    /// Messages that no store acknowledged within the patience of their writer.
    var failures: [String] {
        let unstored = receipts.count { $0.stored.isEmpty }
        return errors.sorted { $0.key < $1.key }.map { "\($1.count) messages got \($0) and no receipt: \($1.text)" }
            + (unstored > 0 ? ["\(unstored) receipts name no store"] : [])
    }

    /// The times from publishing to the receipt, of messages that were published in a part of the run.
    func times(from: ContinuousClock.Instant? = nil, to: ContinuousClock.Instant? = nil) -> Times {
        let chosen = entries.filter { entry in
            (from.map { entry.begun >= $0 } ?? true) && (to.map { entry.begun < $0 } ?? true)
        }
        return Times(chosen.map { $0.begun.duration(to: $0.ended).milliseconds })
    }
}

/// Durations in milliseconds.
struct Times: Sendable {
    private let sorted: [Double]

    init(_ milliseconds: [Double]) {
        sorted = milliseconds.sorted()
    }

    var count: Int { sorted.count }
    var p50: Double { quantile(0.5) }
    var p99: Double { quantile(0.99) }
    var longest: Double { sorted.last ?? 0 }

    /// Zero where there are none.
    func quantile(_ part: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
    }

    var summary: String { "p50 \(Int(p50)) ms, p99 \(Int(p99)) ms, longest \(Int(longest)) ms" }
}
