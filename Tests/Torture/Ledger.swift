import Bus
import BusClient
import Messages
import Synchronization

/// What the writers were told.
final class Ledger: Sendable {
    private struct State {
        var receipts: [Receipt] = []
        var milliseconds: [Double] = []
        var errors: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func note(_ receipt: Receipt, after milliseconds: Double) {
        state.withLock {
            $0.receipts.append(receipt)
            $0.milliseconds.append(milliseconds)
        }
    }

    func note(_ error: BusError) {
        state.withLock { $0.errors[error.code.rawValue, default: 0] += 1 }
    }

    var receipts: [Receipt] { state.withLock { $0.receipts } }

    /// Messages that no store acknowledged within the patience of their writer.
    var failures: [String] {
        state.withLock { state in
            let unstored = state.receipts.count { $0.stored.isEmpty }
            return state.errors.sorted { $0.key < $1.key }.map { "\($0.value) messages got \($0.key) and no receipt" }
                + (unstored > 0 ? ["\(unstored) receipts name no store"] : [])
        }
    }

    func summary(after time: Duration) -> String {
        state.withLock { state in
            let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
            let sorted = state.milliseconds.sorted()
            func quantile(_ part: Double) -> Int {
                sorted.isEmpty ? 0 : Int(sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))])
            }
            return "\(state.receipts.count) receipts in \(Int(seconds)) s "
                + "(\(Int(Double(state.receipts.count) / seconds)) a second), "
                + "p50 \(quantile(0.5)) ms, p99 \(quantile(0.99)) ms, longest \(quantile(1)) ms"
        }
    }
}
