import Synchronization

/// Counts open connections.
final class ConnectionLimit: Sendable {
    private let maximum: Int32
    private let open = Mutex<Int32>(0)

    init(maximum: Int32) { self.maximum = maximum }

    /// - Returns: false when there is no place; then ``leave()`` must not be called.
    func enter() -> Bool {
        open.withLock { open in
            guard open < maximum else { return false }
            open += 1
            return true
        }
    }

    func leave() { open.withLock { $0 -= 1 } }
}
