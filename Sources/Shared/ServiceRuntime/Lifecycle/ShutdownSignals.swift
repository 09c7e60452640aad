@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Turns SIGTERM, SIGINT and the death of the supervisor into one request to stop.
///
/// The handlers run on a queue with a thread of its own: they work even when every task of the process is stuck.
/// The first signal asks to stop and starts the deadline; a second one, or the deadline, ends the process at once.
package final class ShutdownSignals: Sendable {
    /// The descriptor of a pipe that closes when the supervisor dies, however it dies. `p2pmsg up` sets it.
    package static let parentPipeVariable = "P2PMSG_PARENT_PIPE"

    private struct State {
        var isRequested = false
        var action: (@Sendable () -> Void)?
        var forcedEnd: (@Sendable () -> Void)?
        /// Kept, because one that nobody keeps is cancelled.
        var sources: [any DispatchSourceSignal] = []
    }

    private let service: String
    private let deadline: DispatchTimeInterval
    private let queue = DispatchQueue(label: "p2pmsg.signals")
    private let state = Mutex(State())

    /// Installs the handlers.
    /// - Parameters:
    ///   - service: the command's name, for the message of a forced end.
    ///   - seconds: from the first signal to the forced end.
    package init(service: String, seconds: Int64? = nil, environment: [String: String] = Environment.current) {
        self.service = service
        self.deadline = .seconds(Int(seconds ?? Limits.gracefulShutdownSeconds))
        for number in [SIGTERM, SIGINT] { listen(to: number) }
        if let text = environment[ShutdownSignals.parentPipeVariable], let descriptor = Int32(text), descriptor >= 0 {
            watchParent(descriptor)
        }
    }

    /// What to do at the first signal; done at once if that has come already.
    package func onRequest(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.action = action
            return state.isRequested
        }
        if isLate { action() }
    }

    /// What to do just before the process is ended without waiting any longer.
    package func onForcedEnd(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.forcedEnd = action }
    }

    /// Whether somebody asked to stop.
    package var isRequested: Bool { state.withLock { $0.isRequested } }

    private func listen(to number: Int32) {
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { [self] in stop(because: number) }
        // The source is registered on another thread; until then a signal would end the process.
        let registered = DispatchSemaphore(value: 0)
        source.setRegistrationHandler { registered.signal() }
        source.resume()
        registered.wait()
        state.withLock { $0.sources.append(source) }
    }

    /// On a thread of its own, with plain reads: libdispatch's read sources use freed memory on Linux, now and then, when
    /// a pipe loses its writer.
    private func watchParent(_ descriptor: Int32) {
        DispatchQueue(label: "p2pmsg.parent").async { [self] in
            var byte: UInt8 = 0
            while true {
                let count = read(descriptor, &byte, 1)
                if count == 0 { break }
                if count < 0, errno != EINTR { return }
            }
            queue.async { [self] in stop(because: SIGTERM) }
        }
    }

    private func stop(because number: Int32) {
        let (isFirst, action) = state.withLock { state in
            defer { state.isRequested = true }
            return (!state.isRequested, state.action)
        }
        guard isFirst else { endNow(128 + number) }
        armDeadline()
        action?()
    }

    /// From now on the process ends after the grace period, whatever its tasks do.
    ///
    /// - Parameter error: what brings the end; said before it, as nobody else comes to.
    @Sendable func armDeadline(because error: (any Error)? = nil) {
        queue.asyncAfter(deadline: .now() + deadline) { [self] in
            if let error { Log.say(FailureReport(describing: error).message, command: service, level: .critical) }
            Log.say("did not stop in time, ending now", command: service, level: .error)
            endNow(ExitStatus.failed.rawValue)
        }
    }

    private func endNow(_ status: Int32) -> Never {
        state.withLock { $0.forcedEnd }?()
        _exit(status)
    }
}
