import Logging
import TelehashWire

/// Writes each event as one line of JSON, in one write, to standard error.
struct JSONLogHandler: LogHandler {
    let service: String
    /// The logger's label, where it is not the service's own.
    let label: String?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// Where the lines go.
    var write: @Sendable (String) -> Void = { StandardStreams.error($0) }

    init(service: String, label: String?, level: Logger.Level) {
        self.service = service
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let label { all["logger"] = "\(label)" }
        write(
            JSONLogHandler.line(
                time: Timestamp.now, level: event.level, service: service, message: event.message.description,
                metadata: all))
    }

    /// The line with its newline. A key of the metadata that is one of ours gets a `_` behind it.
    static func line(
        time: Int64, level: Logger.Level, service: String, message: String, metadata: Logger.Metadata = [:]
    ) -> String {
        let own = [
            ("time", Timestamp.text(time)), ("level", level.rawValue), ("service", service), ("message", message),
        ]
        // Beside what JSON demands, everything that a terminal obeys is escaped: people look at these lines, too.
        var json = JSONWriter(.log)
        for (key, value) in own { json.member(key, value) }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            json.begin(member: own.contains { $0.0 == key } ? key + "_" : key)
            write(value, to: &json)
        }
        return json.object + "\n"
    }

    private static func write(_ value: Logger.Metadata.Value, to json: inout JSONWriter) {
        switch value {
        case .string(let text): json.write(quoted: text)
        case .stringConvertible(let value): json.write(quoted: value.description)
        case .array(let elements): json.array(elements) { write($1, to: &$0) }
        case .dictionary(let members):
            json.object { json in
                for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                    json.begin(member: key)
                    write(value, to: &json)
                }
            }
        }
    }
}
