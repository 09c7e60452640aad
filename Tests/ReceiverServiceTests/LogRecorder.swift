import Logging
import TestSupport

/// Keeps what is logged: `warning the router is gone because=…`.
struct LogRecorder: LogHandler {
    let lines: Mailbox<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    static func logger() -> (Logger, Mailbox<String>) {
        let lines = Mailbox<String>()
        return (Logger(label: "test") { _ in LogRecorder(lines: lines) }, lines)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        lines.append("\(event.level) \(event.message)\(metadata.joined())")
    }
}
