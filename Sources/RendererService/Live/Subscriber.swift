import BusClient
import NIOCore

/// One open event stream: what waits for it, and how to cut it off.
struct Subscriber: Sendable {
    enum Item: Sendable {
        case event(FeedMessage, ByteBuffer)
        case ping
    }

    let items: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation
    private let close: @Sendable () -> Void

    /// - Parameter close: closes the connection, also while a write to it is waiting.
    init(close: @escaping @Sendable () -> Void) {
        (items, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Limits.streamEvents))
        self.close = close
    }

    /// - Returns: false when too much is waiting already.
    func offer(_ item: Item) -> Bool {
        if case .dropped = continuation.yield(item) { return false }
        return true
    }

    /// What waits is still sent, then the stream ends.
    func finish() { continuation.finish() }

    /// Nothing more is sent.
    func cutOff() {
        continuation.finish()
        close()
    }
}
