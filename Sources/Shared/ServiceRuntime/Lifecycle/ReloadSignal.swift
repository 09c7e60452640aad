import Dispatch
import Glibc

/// SIGHUP: read the lists again. Without one, the signal ends the process, as it ends any other.
public enum ReloadSignal {
    /// Calls the body at each SIGHUP, on a thread of its own, until the stream's reader ends.
    public static func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "p2pmsg.reload"))
        source.setEventHandler { continuation.yield() }
        let registered = DispatchSemaphore(value: 0)
        source.setRegistrationHandler { registered.signal() }
        source.resume()
        registered.wait()
        let kept = KeptSource(source: source)
        continuation.onTermination = { _ in kept.source.cancel() }
        return stream
    }

    /// `@unchecked Sendable` because dispatch sources are thread-safe objects that are not marked so.
    private struct KeptSource: @unchecked Sendable {
        let source: any DispatchSourceProtocol
    }
}
