import Logging
import ServiceLifecycle
import ServiceRuntime

/// Tells the supervisor and the health checkers how the service is: started, alive, stopping.
///
/// A ping is sent only when the service's own loop has answered: where it is stuck, the watchdog ends the process.
struct Supervision: Service {
    let health: ServiceHealth
    let systemd: SystemdSocket?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await health.start.untilOpen()
            guard !Task.isCancelled else { return }
            systemd?.send(["READY=1", "STATUS=running"])
            await keepPinging()
        }
        health.markStopping()
        systemd?.send(["STOPPING=1", "STATUS=stopping"])
    }

    private func keepPinging() async {
        guard let systemd, let watchdog = systemd.watchdog else {
            try? await gracefulShutdown()
            return
        }
        var wasAlive = true
        while !Task.isCancelled {
            let isAlive = await health.isAlive()
            if isAlive { systemd.send(["WATCHDOG=1"]) }
            if isAlive != wasAlive {
                systemd.send(["STATUS=" + (isAlive ? "running" : "the service's loop does not answer")])
                if !isAlive { logger.error("the service's loop does not answer") }
                wasAlive = isAlive
            }
            try? await Task.sleep(for: watchdog / Limits.pingsPerWatchdog)
        }
    }
}

extension ServiceHealth {
    /// The services of a process in the order in which they start: health and metrics first, so that they end last, and
    /// the news for the supervisor last, so that it hears of the end first.
    /// - Parameter ops: where health and metrics are served, if they are.
    package func around(
        _ services: [any Service], ops: ListenAddress?, counters: Counters, logger: Logger,
        systemd: SystemdSocket? = SystemdSocket()
    ) -> [any Service] {
        let server = ops.map { OpsServer(address: $0, counters: counters, logger: logger, health: self) }
        return (server.map { [$0] } ?? []) + services
            + [Supervision(health: self, systemd: systemd, logger: logger)]
    }
}
