/// Writes one JSON object on one line, with the keys in the order in which they are added.
struct JSONLine {
    private var members: [String] = []

    mutating func add(_ key: String, _ value: String?) {
        members.append(JSONLine.quoted(key) + ":" + (value.map(JSONLine.quoted) ?? "null"))
    }

    mutating func add(_ key: String, _ value: Int64) { members.append(JSONLine.quoted(key) + ":\(value)") }

    mutating func add(_ key: String, _ value: Int64?) {
        members.append(JSONLine.quoted(key) + ":" + (value.map { "\($0)" } ?? "null"))
    }

    mutating func add(_ key: String, unsigned value: UInt64) { members.append(JSONLine.quoted(key) + ":\(value)") }

    /// `null` for none and for what JSON has no number for.
    mutating func add(_ key: String, number value: Double?) {
        members.append(JSONLine.quoted(key) + ":" + (value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "null"))
    }

    mutating func add(_ key: String, _ value: Bool) { members.append(JSONLine.quoted(key) + ":\(value)") }

    mutating func add(_ key: String, _ values: [String]) {
        members.append(JSONLine.quoted(key) + ":[" + values.map(JSONLine.quoted).joined(separator: ",") + "]")
    }

    mutating func add(_ key: String, _ values: [String: Int64]) {
        let members = values.sorted { $0.key < $1.key }.map { JSONLine.quoted($0.key) + ":\($0.value)" }
        self.members.append(JSONLine.quoted(key) + ":{" + members.joined(separator: ",") + "}")
    }

    var text: String { "{" + members.joined(separator: ",") + "}" }

    /// RFC 8259, section 7: quotes, backslashes and control characters are escaped, everything else stays UTF-8.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
