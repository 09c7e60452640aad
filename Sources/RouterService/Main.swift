import ServiceLifecycle
import ServiceRuntime

/// `p2pmsg-router`: the only process of a node that speaks UDP.
@main
enum Main {
    private static let command = RouterOptions.command

    static func main() async {
        MemoryTuning.apply()
        OpenFileLimit.raise()
        let options = ServiceMain.parse(
            command, settings: RouterOptions.settings, using: { try RouterOptions.parse($0) },
            explain: { (RouterOptions.fullMessage(for: $0), RouterOptions.exitCode(for: $0).rawValue) })
        do {
            let logger = try Log.bootstrap(service: "router")
            await ServiceMain.run(command, logger: logger) {
                let router = try await Router.start(options, logger: logger)
                var services: [any Service] = [router]
                if options.security.isTCP { services.append(Hangup { await router.rereadAllowed() }) }
                guard let address = options.ops else { return services }
                let ops = OpsServer(
                    address: address, counters: router.counters, logger: logger, isReady: router.readiness)
                return services + [CounterRefresh(router: router), ops]
            }
        } catch {
            ServiceMain.end(command, because: error)
        }
    }
}

/// Copies the switch's and the hub's counters to where `/metrics` reads them, once a second.
struct CounterRefresh: Service {
    let router: Router

    func run() async throws {
        for await _ in AsyncTimer(every: .seconds(1)).cancelOnGracefulShutdown() { await router.refreshCounters() }
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
