import Logging
import Synchronization

/// How the lines of a log look.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-22T19:00:00.123Z notice router: routing udp=0.0.0.0:42424`, for people.
    case text
    /// One JSON object a line with `time`, `level`, `service`, `message` and the metadata's keys, for collectors.
    case json
}

/// The log of a service: one line per event on standard error.
///
/// The default level is `notice`: start, stop and what an operator should look at. A healthy idle node is silent.
package enum Log {
    /// The level without `--log-level`.
    package static let defaultLevel = Logger.Level.notice

    private static let usesJSON = Atomic(false)

    /// Sends every `Logger` of this process to standard error. To be called once, before the first logger is made.
    /// - Parameter service: the short name in each line; a logger's own label is added unless equal.
    /// - Returns: the service's logger.
    @discardableResult
    package static func bootstrap(
        service: String, level: Logger.Level = defaultLevel, format: LogFormat = .text
    ) -> Logger {
        use(format)
        LoggingSystem.bootstrap { label in
            switch format {
            case .text:
                LineLogHandler(label: label == service ? service : "\(service) \(label)", level: level)
            case .json: JSONLogHandler(service: service, label: label == service ? nil : label, level: level)
            }
        }
        return Logger(label: service)
    }

    /// Lets ``say(_:command:level:)`` follow the format, in a command that has no logger.
    package static func use(_ format: LogFormat) { usesJSON.store(format == .json, ordering: .relaxed) }

    /// Says something to whoever started the command: `command: message`, or a line of the JSON log.
    package static func say(_ message: String, command: String, level: Logger.Level = .notice) {
        guard usesJSON.load(ordering: .relaxed) else { return StandardStreams.error("\(command): \(message)\n") }
        StandardStreams.error(line(message, service: serviceName(of: command), level: level) + "\n")
    }

    /// A line of the JSON log, without its newline, for what was said without a logger.
    package static func line(_ message: String, service: String, level: Logger.Level) -> String {
        String(
            JSONLogHandler.line(time: Timestamp.now, level: level, service: service, message: message).dropLast())
    }

    private static func serviceName(of command: String) -> String {
        command.hasPrefix("p2pmsg-") ? String(command.dropFirst("p2pmsg-".count)) : command
    }

    /// The value of `--log-level`, in any case.
    /// - Throws: ``FailureReport`` that lists the levels.
    @Sendable package static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            throw expected(Logger.Level.allCases.map(\.rawValue))
        }
        return level
    }

    /// The value of `--log-format`.
    /// - Throws: ``FailureReport`` that lists the formats.
    @Sendable package static func format(_ text: String) throws -> LogFormat {
        guard let format = LogFormat(rawValue: text.lowercased()) else {
            throw expected(LogFormat.allCases.map(\.rawValue))
        }
        return format
    }

    private static func expected(_ words: [String]) -> FailureReport {
        FailureReport("expected one of: " + words.joined(separator: " "), status: .usage)
    }
}
