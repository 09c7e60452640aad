import Logging

/// The log of a service: one line per event on standard error.
///
/// `2026-11-22T19:00:00.123Z notice router: listening udp=0.0.0.0:42424`
///
/// The default level is `notice`: start, stop and what an operator should look at. A healthy idle node is silent.
public enum Log {
    /// The variable that sets the level: `trace debug info notice warning error critical`.
    public static let levelVariable = "P2PMSG_LOG_LEVEL"

    /// Sends every `Logger` of this process to standard error. To be called once, before the first logger is made.
    /// - Parameter service: the short name at the beginning of each line; a logger's own label is added unless equal.
    /// - Returns: the service's logger.
    /// - Throws: a report of status `usage` when the variable holds no level.
    @discardableResult
    public static func bootstrap(
        service: String, level: Logger.Level? = nil, environment: [String: String] = Environment.current
    ) throws(FailureReport) -> Logger {
        var chosen = level
        if chosen == nil { chosen = try self.level(in: environment) }
        let lowest = chosen ?? .notice
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label == service ? service : "\(service) \(label)", level: lowest)
        }
        return Logger(label: service)
    }

    static func level(in environment: [String: String]) throws(FailureReport) -> Logger.Level? {
        guard let text = environment[levelVariable], !text.isEmpty else { return nil }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: " ")
            throw FailureReport("\(levelVariable): '\(SafeText.line(text))' is none of: \(levels)", status: .usage)
        }
        return level
    }
}
