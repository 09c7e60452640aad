import Glibc
import Logging
import ServiceLifecycle

/// Runs a service from its parsed command line to its exit status.
package enum ServiceMain {
    /// Builds the services, runs them until a signal or a failure, and ends the process.
    ///
    /// - SIGTERM or SIGINT: graceful shutdown, exit 0; after 5 s a forced end with exit 1; a second signal ends at once.
    /// - An error from `build` or from a service: one line on standard error, exit status of the ``FailureReport``, else 1.
    /// - Parameters:
    ///   - command: the executable's name, for messages to people.
    ///   - build: makes the services; they start in this order and shut down in the reverse one.
    package static func run(
        _ command: String, logger: Logger, build: @Sendable () async throws -> [any Service]
    ) async -> Never {
        StandardStreams.prepare()
        let signals = ShutdownSignals(service: command)
        for warning in UnknownVariables.warnings(environment: Environment.current) { logger.warning("\(warning)") }
        do {
            let services = try await build()
            try await run(services, logger: logger, until: signals)
        } catch {
            if !signals.isRequested { end(command, because: error) }
        }
        exit(ExitStatus.done.rawValue)
    }

    /// Says `command: message` on standard error and ends the process with the report's status.
    package static func end(_ command: String, because error: any Error) -> Never {
        let report = FailureReport(describing: error)
        Log.say(report.message, command: command, level: .critical)
        exit(report.status.rawValue)
    }

    private static func run(
        _ services: [any Service], logger: Logger, until signals: ShutdownSignals
    ) async throws {
        // The group logs its own steps for its developers; what a person must know is printed by `end`.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        let failure = FirstFailure()
        let watched = services.map { service in
            ServiceGroupConfiguration.ServiceConfiguration(
                service: WatchedService(service: service) { error in
                    // The others now get the same time to end as after a signal.
                    if failure.record(error) { signals.armDeadline() }
                },
                successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: watched, logger: quiet))
        signals.onRequest { Task { await group.triggerGracefulShutdown() } }
        do {
            try await group.run()
        } catch {
            _ = failure.record(error)
        }
        if let error = failure.error { throw error }
    }
}
