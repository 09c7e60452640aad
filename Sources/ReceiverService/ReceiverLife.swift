import Synchronization

/// Where a running receiver is found by those who ask for its health.
final class ReceiverLife: Sendable {
    private let state = Mutex<CoreHandle?>(nil)

    var core: CoreHandle? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
