import ServiceLifecycle
import UnixSignals

/// Does something at every SIGHUP, which by tradition asks a service to read its files again. Without such a service the
/// signal ends the process.
package struct Hangup: Service {
    private let action: @Sendable () async -> Void
    private let signals: UnixSignalsSequence

    /// Listens from now on; what came before ``run()`` is done then.
    package init(_ action: @escaping @Sendable () async -> Void) async {
        self.action = action
        signals = await UnixSignalsSequence(trapping: .sighup)
    }

    package func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() { await action() }
    }
}
