import ReceiverStore

/// Tells the receiver that its store turned out to be damaged while it works.
final class DamageAlarm: Sendable {
    private let stream: AsyncStream<StoreError>
    private let continuation: AsyncStream<StoreError>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func raise(_ error: StoreError) { continuation.yield(error) }

    /// Waits for the first alarm; nil when the task is cancelled. For one caller.
    func damage() async -> StoreError? {
        for await error in stream { return error }
        return nil
    }
}
