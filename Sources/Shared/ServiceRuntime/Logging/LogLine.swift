import Logging
import TelehashWire

/// One event of a log, as it is written.
struct LogLine {
    /// Milliseconds since 1970.
    var time = Timestamp.now
    let level: Logger.Level
    let service: String
    /// The logger's label, where it is not the service's own.
    var label: String?
    let message: String
    var metadata: Logger.Metadata = [:]

    /// With `key=value` metadata and a newline. Control characters, which may come from a peer, are escaped.
    var text: String {
        let name = label.map { "\(service) \($0)" } ?? service
        var line = "\(Timestamp.text(time)) \(level.rawValue) \(name): \(SafeText.line(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " \(SafeText.line(key))=\(LogLine.quoted(value.description))"
        }
        return line + "\n"
    }

    /// A JSON object and a newline. A key of the metadata that is one of ours gets a `_` behind it.
    var json: String {
        let own = [
            ("time", Timestamp.text(time)), ("level", level.rawValue), ("service", service), ("message", message),
        ]
        var members = metadata
        if let label { members["logger"] = "\(label)" }
        // Beside what JSON demands, everything that a terminal obeys is escaped: people look at these lines, too.
        var json = JSONWriter(.log)
        for (key, value) in own { json.member(key, value) }
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            json.begin(member: own.contains { $0.0 == key } ? key + "_" : key)
            LogLine.write(value, to: &json)
        }
        return json.object + "\n"
    }

    /// A value with a space, a quote or nothing in it is quoted, so that lines can be split again.
    private static func quoted(_ value: String) -> String {
        let safe = SafeText.line(value)
        guard safe.isEmpty || safe.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
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
