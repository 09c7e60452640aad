import Dispatch
import Glibc
import ServiceLifecycle

/// Does something at every SIGHUP, which by tradition asks a service to read its files again. Without such a service the
/// signal ends the process.
package struct Hangup: Service {
    private let action: @Sendable () async -> Void
    private let signals: AsyncStream<Void>
    private let source: Source

    /// Keeps the source, because one that nobody keeps is cancelled.
    private final class Source: @unchecked Sendable {
        // because dispatch sources are thread-safe objects that are not marked Sendable
        let signal = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "p2pmsg.hangup"))
    }

    /// Listens from now on; what came before ``run()`` is done then.
    package init(_ action: @escaping @Sendable () async -> Void) {
        self.action = action
        // Two requests before the first is served are one.
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        signals = stream
        source = Source()
        source.signal.setEventHandler { continuation.yield() }
        // The source is registered on another thread; until then the signal would end the process.
        let registered = DispatchSemaphore(value: 0)
        source.signal.setRegistrationHandler { registered.signal() }
        source.signal.resume()
        registered.wait()
    }

    package func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() { await action() }
        source.signal.cancel()
    }
}
