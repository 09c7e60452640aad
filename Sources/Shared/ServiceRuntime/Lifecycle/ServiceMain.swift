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
        let watched = services.map { service in
            ServiceGroupConfiguration.ServiceConfiguration(
                // The others then get the same time to end as after a signal.
                service: WatchedService(service: service, onFailure: signals.armDeadline),
                successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: watched, logger: quiet))
        signals.onRequest { Task { await group.triggerGracefulShutdown() } }
        // The first of several errors: the others are its consequences.
        try await group.run()
    }
}

/// A service whose end is a failure when it was not asked for.
private struct WatchedService: Service {
    let service: any Service
    let onFailure: @Sendable (any Error) -> Void

    func run() async throws {
        do {
            try await service.run()
            guard Task.isShuttingDownGracefully || Task.isCancelled else {
                throw FailureReport("\(type(of: service)) ended without being asked to")
            }
        } catch {
            onFailure(error)
            throw error
        }
    }
}

extension ServiceMain {
    /// What a parser says about an error: the text, and 0 if it is the answer to `--help` or `--version`.
    package typealias Explanation = (message: String, exitCode: Int32)

    /// Reads the command line with the environment and the configuration file merged in, or ends the process:
    /// help on standard output with exit 0, anything wrong on standard error with exit 2.
    /// The parser is passed as closures, so that this module needs none.
    package static func parse<Command>(
        _ command: String, settings: [Setting],
        arguments: [String] = Array(CommandLine.arguments.dropFirst()),
        environment: [String: String] = Environment.current,
        using parse: ([String]) throws -> Command, explain: (any Error) -> Explanation
    ) -> Command {
        let resolved: ResolvedArguments
        do throws(FailureReport) {
            resolved = try ArgumentSources.resolve(arguments: arguments, environment: environment, settings: settings)
        } catch {
            end(command, because: error)
        }
        do {
            return try parse(resolved.arguments)
        } catch {
            end(explaining: explain(error), origins: resolved)
        }
    }

    /// Prints what the parser said and ends the process with 0 (help), 2 (usage), or 1 (help that could not be written).
    package static func end(explaining explanation: Explanation, origins: ResolvedArguments? = nil) -> Never {
        if explanation.exitCode == 0 {
            end { () throws(OutputError) in try StandardStreams.out(explanation.message + "\n") }
        }
        // It repeats what it was given, which scripts may have from anybody.
        StandardStreams.error(SafeText.lines(origins?.annotated(explanation.message) ?? explanation.message) + "\n")
        exit(ExitStatus.usage.rawValue)
    }

    /// Ends the process after its last words on standard output, with `status`. A reader that has gone is none of our
    /// business; anything else that keeps the words from where they should go is said, with status 1.
    package static func end(
        _ command: String = "p2pmsg", with status: ExitStatus = .done,
        saying lastWords: () throws(OutputError) -> Void = {}
    ) -> Never {
        do throws(OutputError) {
            try lastWords()
            try StandardStreams.finishOut()
        } catch {
            if error != .readerGone { end(command, because: error) }
        }
        exit(status.rawValue)
    }
}
