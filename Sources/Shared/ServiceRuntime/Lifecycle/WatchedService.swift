import ServiceLifecycle
import Synchronization

/// A service whose end is reported when it was not asked for.
struct WatchedService: Service {
    let service: any Service
    let onFailure: @Sendable (any Error) -> Void

    func run() async throws {
        do {
            try await service.run()
        } catch {
            onFailure(error)
            throw error
        }
        if !Task.isShuttingDownGracefully, !Task.isCancelled {
            onFailure(FailureReport("\(type(of: service)) ended without being asked to"))
        }
    }
}

/// Keeps the first of several errors: the others are its consequences.
final class FirstFailure: Sendable {
    private let first = Mutex<(any Error)?>(nil)

    /// - Returns: whether this was the first one.
    func record(_ error: any Error) -> Bool {
        first.withLock { first in
            guard first == nil else { return false }
            first = error
            return true
        }
    }

    var error: (any Error)? { first.withLock { $0 } }
}
