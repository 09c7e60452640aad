import Logging

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
        var members = own.map { "\(quoted($0)):\(quoted($1))" }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let name = own.contains { $0.0 == key } ? key + "_" : key
            members.append("\(quoted(name)):\(json(value))")
        }
        return "{" + members.joined(separator: ",") + "}\n"
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): quoted(value.description)
        case .array(let elements): "[" + elements.map { json($0) }.joined(separator: ",") + "]"
        case .dictionary(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    /// Beside what JSON demands, everything that a terminal obeys is escaped: people look at these lines, too.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if SafeText.isDangerous(scalar) {
                    for unit in String(scalar).utf16 { result += escape(unit) }
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
