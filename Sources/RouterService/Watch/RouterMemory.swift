import Bus
import BusSecurity
import Synchronization

/// What is known about a running router beyond what its two threads count.
final class RouterMemory: Sendable {
    private struct State {
        var meter = RateMeter()
        var watch: MeshWatch
        var keys: BusGuard?
        var view: NetworkView
        var nextLook = Duration.zero
        var sleep = SleepWatch()
    }

    private let started = ContinuousClock.now
    private let state: Mutex<State>

    /// - Parameter hasOthers: whether there is anybody to ask at the start.
    init(hasOthers: Bool, keys: BusGuard?, view: NetworkView) {
        state = Mutex(State(watch: MeshWatch(hasOthers: hasOthers), keys: keys, view: view))
    }

    var uptime: Duration { started.duration(to: .now) }

    var rates: StatusReport.Rates? { state.withLock { $0.meter.rates } }

    var keys: BusGuard? {
        get { state.withLock { $0.keys } }
        set { state.withLock { $0.keys = newValue } }
    }

    func note(_ status: MeshStatus) -> [MeshWatch.Note] {
        let uptime = uptime
        return state.withLock { state in
            state.meter.note(status.counters, at: uptime)
            let view = MeshWatch.View(
                address: status.mesh.address, switches: status.mesh.reachable, udp: status.udp)
            return state.watch.look(view, uptime: uptime)
        }
    }

    func hasSlept() -> Bool { state.withLock { $0.sleep.look(seconds: SleepWatch.seconds) } }

    /// What the network is like now, if it is time to look and it is not as it was.
    func network(hasSlept: Bool, look: () -> NetworkView) -> NetworkView? {
        let uptime = uptime
        guard state.withLock({ hasSlept || $0.nextLook <= uptime }) else { return nil }
        let view = look()
        return state.withLock { state in
            state.nextLook = uptime + RouterLimits.networkLook
            defer { state.view = view }
            return state.view == view ? nil : view
        }
    }
}
