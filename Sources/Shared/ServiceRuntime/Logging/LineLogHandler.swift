import Logging

/// Writes each event as one line with `key=value` metadata, in one write, to standard error.
struct LineLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// Where the lines go.
    var write: @Sendable (String) -> Void = { StandardStreams.error($0) }

    init(label: String, level: Logger.Level) {
        self.label = label
        self.logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        write(
            LineLogHandler.line(
                time: Timestamp.now, level: event.level, label: label, message: event.message.description, metadata: all
            ))
    }

    /// The line with its newline. Control characters, which may come from a peer, are escaped.
    static func line(
        time: Int64, level: Logger.Level, label: String, message: String, metadata: Logger.Metadata
    ) -> String {
        var line = "\(Timestamp.text(time)) \(level.rawValue) \(label): \(SafeText.line(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " \(SafeText.line(key))=\(quoted(value.description))"
        }
        return line + "\n"
    }

    /// A value with a space, a quote or nothing in it is quoted, so that lines can be split again.
    private static func quoted(_ value: String) -> String {
        let safe = SafeText.line(value)
        guard safe.isEmpty || safe.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
    }
}
