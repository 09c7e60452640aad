import BusSecurity
import Synchronization

/// What of a running receiver changes, and is asked for by others: its core, and the list of those who may connect.
final class ReceiverLife: Sendable {
    private struct State {
        var core: CoreHandle?
        var entry: BusGuard?
    }

    private let state = Mutex(State())

    var core: CoreHandle? {
        get { state.withLock { $0.core } }
        set { state.withLock { $0.core = newValue } }
    }

    /// nil while it is that of the configuration.
    var entry: BusGuard? {
        get { state.withLock { $0.entry } }
        set { state.withLock { $0.entry = newValue } }
    }
}
