import Bus
import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import Telehash

/// Looks at the router once a second: counts rates, brings `/metrics` up to date, says what an operator must know, and
/// saves the switches that are known.
struct RouterWatch: Service {
    let router: Router
    /// Whether anybody reads `/metrics`.
    let hasMetrics: Bool

    func run() async throws {
        for await _ in AsyncTimer(every: .seconds(1)).cancelOnGracefulShutdown() {
            if hasMetrics { await router.refreshCounters() }
            await router.look()
        }
        await router.saveSwitches()
    }
}

/// What is known about a running router beyond what its two threads count.
final class RouterMemory: Sendable {
    private struct State {
        var meter = RateMeter()
        var watch: MeshWatch
    }

    private let started = ContinuousClock.now
    private let state: Mutex<State>

    init(hasOthers: Bool) {
        state = Mutex(State(watch: MeshWatch(hasOthers: hasOthers)))
    }

    var uptime: Duration { started.duration(to: .now) }

    var rates: StatusReport.Rates? { state.withLock { $0.meter.rates } }

    func note(_ status: MeshStatus) -> [MeshWatch.Note] {
        let uptime = uptime
        return state.withLock { state in
            state.meter.note(RateMeter.Totals(status.counters), at: uptime)
            let view = MeshWatch.View(address: status.mesh.address, switches: status.mesh.switches)
            return state.watch.look(view, uptime: uptime)
        }
    }
}

extension Logger {
    /// - Parameter seeds: whom this node was told to join.
    func say(_ note: MeshWatch.Note, seeds: [SeedAddress]) {
        switch note {
        case .addressLearned(let address):
            info("this node's address is known", metadata: ["address": "\(address)"])
        case .addressChanged(let old, let new):
            notice(
                "other nodes see this one at another address; if that is wrong, set --advertise",
                metadata: ["address": "\(new)", "before": "\(old)"])
        case .joined(let switches):
            info("joined the mesh", metadata: ["switches": "\(switches)"])
        case .lost:
            warning(
                "no other node answers any more; look at the network and at the firewall (UDP). Those that are known are "
                    + "tried again and again")
        case .notJoined:
            warning(
                "no other node has answered yet; look at the seeds and at the firewall (UDP). They are tried again and "
                    + "again", metadata: ["seeds": "\(seeds.map(\.description).joined(separator: " "))"])
        }
    }
}

/// Ticks until it is cancelled.
struct AsyncTimer: AsyncSequence, Sendable {
    let interval: Duration

    init(every interval: Duration) {
        self.interval = interval
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let interval: Duration

        func next() async -> ContinuousClock.Instant? {
            do { try await ContinuousClock().sleep(for: interval) } catch { return nil }
            return .now
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(interval: interval)
    }
}
