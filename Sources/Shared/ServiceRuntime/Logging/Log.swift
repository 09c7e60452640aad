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
            Handler(service: service, label: label == service ? nil : label, format: format, logLevel: level)
        }
        return Logger(label: service)
    }

    /// Lets ``say(_:command:level:)`` follow the format, in a command that has no logger.
    package static func use(_ format: LogFormat) { usesJSON.store(format == .json, ordering: .relaxed) }

    /// Says something to whoever started the command: `command: message`, or a line of the JSON log.
    package static func say(_ message: String, command: String, level: Logger.Level = .notice) {
        guard usesJSON.load(ordering: .relaxed) else { return StandardStreams.error("\(command): \(message)\n") }
        let service = command.hasPrefix("p2pmsg-") ? String(command.dropFirst("p2pmsg-".count)) : command
        StandardStreams.error(line(message, service: service, level: level) + "\n")
    }

    /// A line of the JSON log, without its newline, for what was said without a logger.
    package static func line(_ message: String, service: String, level: Logger.Level) -> String {
        String(LogLine(level: level, service: service, message: message).json.dropLast())
    }

    /// The value of `--log-level`, in any case.
    /// - Throws: ``FailureReport`` that lists the levels.
    @Sendable package static func level(_ text: String) throws(FailureReport) -> Logger.Level {
        try .parse(text.lowercased())
    }

    /// The value of `--log-format`.
    /// - Throws: ``FailureReport`` that lists the formats.
    @Sendable package static func format(_ text: String) throws(FailureReport) -> LogFormat {
        try .parse(text.lowercased())
    }

    /// Writes each event in one write.
    private struct Handler: LogHandler {
        let service: String
        let label: String?
        let format: LogFormat
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = [metadataProvider?.get(), event.metadata].compactMap(\.self).reduce(metadata) {
                $0.merging($1) { _, new in new }
            }
            let line = LogLine(
                level: event.level, service: service, label: label, message: event.message.description, metadata: all)
            StandardStreams.error(format == .json ? line.json : line.text)
        }
    }
}
