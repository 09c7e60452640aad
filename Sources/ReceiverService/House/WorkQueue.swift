import Dispatch
import ReceiverStore

/// Runs what waits for the store, one after the other, on a thread that no task needs.
struct WorkQueue: Sendable {
    private let queue: DispatchQueue

    init(_ label: String) {
        queue = DispatchQueue(label: label, qos: .utility)
    }

    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { done in
            queue.async { done.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
