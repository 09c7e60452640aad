import Messages
import Synchronization
import TelehashWire

/// The channels that this receiver takes: those of its own flags, and those that the router says this node takes. Read
/// from several threads.
final class KeptChannels: Sendable {
    private struct State {
        var all: [Channel]
        var ends: Set<NodeID>
        var generation: UInt64 = 0
    }

    /// Those of the own flags, at least one.
    let own: [Channel]
    private let state: Mutex<State>

    init(_ own: [Channel]) {
        self.own = own
        state = Mutex(State(all: own, ends: Set(own.map(\.end))))
    }

    /// The own ones first.
    var all: [Channel] { state.withLock { $0.all } }

    func contains(_ end: NodeID) -> Bool { state.withLock { $0.ends.contains(end) } }

    /// Another number as soon as the store has learned of new channels: what other stores have of them is missing here.
    var generation: UInt64 { state.withLock { $0.generation } }

    func advance() { state.withLock { $0.generation += 1 } }

    /// Takes these beside the own ones from now on, and no others.
    ///
    /// - Returns: whether anything has changed.
    func adopt(_ channels: [Channel]) -> Bool {
        let all = own + channels.filter { !own.contains($0) }
        let ends = Set(all.map(\.end))
        return state.withLock { state in
            defer {
                state.all = all
                state.ends = ends
            }
            return state.ends != ends
        }
    }
}
