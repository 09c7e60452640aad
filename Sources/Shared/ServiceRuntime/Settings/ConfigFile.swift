/// A configuration file: lines of `name = value`, a subset of TOML.
///
/// ```
/// # comment
/// udp  = 0.0.0.0:42424            # bare up to white space and '#'
/// http = "127.0.0.1:8080"         # basic string with \" \\ \n \t \uXXXX
/// seed = ["10.0.0.1:42424", '[::1]:42424']
/// json = true
/// ```
struct ConfigFile: Sendable {
    enum Value: Hashable, Sendable {
        case text(String)
        case list([String])
    }

    struct Entry: Hashable, Sendable {
        let value: Value
        /// Counted from 1.
        let line: Int
    }

    let path: String
    private(set) var entries: [String: Entry] = [:]

    /// Parses `text`; `path` only appears in error messages.
    /// - Throws: a report of status `usage` that begins with `path:line:`.
    init(_ text: String, path: String) throws(FailureReport) {
        self.path = path
        var reader = ConfigReader(text, path: path)
        while let (name, entry) = try reader.nextStatement() {
            if let first = entries[name] {
                let hint = Setting.isList(name) ? "; several stand in one list: \(name) = [A, B]" : ""
                throw problem(
                    "setting '\(SafeText.line(name))' is given twice (first on line \(first.line))\(hint)",
                    line: entry.line)
            }
            entries[name] = entry
        }
    }

    /// Reads and parses the file.
    static func read(_ path: String) throws(FailureReport) -> ConfigFile {
        let text = try readText(path, limit: Limits.configFileBytes, what: "the configuration file \(path)")
        return try ConfigFile(text, path: path)
    }

    /// A report that names the file and the line.
    func problem(_ message: String, line: Int) -> FailureReport {
        FailureReport("\(path):\(line): \(message)", status: .usage)
    }
}

/// Reads the statements of a configuration file one after the other.
private struct ConfigReader {
    private let path: String
    private let characters: [Character]
    private var position = 0
    private var line = 1

    init(_ text: String, path: String) {
        self.path = path
        characters = Array(text)
    }

    /// The next `name = value`, or nil at the end of the text.
    mutating func nextStatement() throws(FailureReport) -> (name: String, entry: ConfigFile.Entry)? {
        skipBlankLines()
        guard current != nil else { return nil }
        let start = (line: line, position: position)
        skip { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        let name = String(characters[start.position..<position])
        guard !name.isEmpty else { throw problem("expected name = value") }
        skipSpaces()
        guard current == "=" else { throw problem("expected '=' after '\(SafeText.line(name))'") }
        advance()
        skipSpaces()
        let value = current == "[" ? ConfigFile.Value.list(try readList()) : .text(try readText(endingAt: []))
        try expectEndOfLine()
        return (name, ConfigFile.Entry(value: value, line: start.line))
    }

    // MARK: values

    private mutating func readList() throws(FailureReport) -> [String] {
        let opened = line
        advance()
        var elements: [String] = []
        while true {
            skipBlankLines()
            if current == "]" {
                advance()
                return elements
            }
            if current != nil {
                elements.append(try readText(endingAt: [",", "]"]))
                skipBlankLines()
            }
            switch current {
            case ",": advance()
            case "]": continue
            case nil: throw problem("the list is not closed with ']'", line: opened)
            default: throw problem("expected ',' or ']' in the list")
            }
        }
    }

    private mutating func readText(endingAt ends: Set<Character>) throws(FailureReport) -> String {
        guard current != "\"", current != "'" else { return try readString() }
        // Bare text ends at the line's end or at `#` after white space, so that a `#` inside a value needs no quotes.
        var text = ""
        while let character = current, !character.isNewline, !ends.contains(character) {
            if character == "#", text.last?.isWhitespace ?? true { break }
            text.append(character)
            advance()
        }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        guard !text.isEmpty else { throw problem("the value is missing") }
        return text
    }

    /// Between two of the quotes that it begins with; only `"` knows escapes.
    private mutating func readString() throws(FailureReport) -> String {
        let quote = characters[position]
        advance()
        var text = ""
        while let character = current, !character.isNewline {
            advance()
            if character == quote { return text }
            text.append(character == "\\" && quote == "\"" ? try readEscape() : character)
        }
        throw problem("the string is not closed with \(quote)")
    }

    private mutating func readEscape() throws(FailureReport) -> Character {
        guard let character = current else { throw problem("the string is not closed with \"") }
        advance()
        switch character {
        case "\"", "\\": return character
        case "n": return "\n"
        case "t": return "\t"
        case "u":
            let digits = String(characters[position...].prefix(4))
            guard digits.count == 4, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16),
                let scalar = Unicode.Scalar(value)
            else { throw problem("'\\u' needs four hex digits of a character") }
            position += 4
            return Character(scalar)
        default: throw problem("unknown escape '\\\(SafeText.line(String(character)))' in the string")
        }
    }

    // MARK: moving

    private var current: Character? { position < characters.count ? characters[position] : nil }

    private mutating func advance() {
        if let character = current, character.isNewline { line += 1 }
        position += 1
    }

    private mutating func skip(while isSkipped: (Character) -> Bool) {
        while let character = current, isSkipped(character) { advance() }
    }

    private mutating func skipSpaces() { skip { $0.isWhitespace && !$0.isNewline } }

    private mutating func skipComment() { if current == "#" { skip { !$0.isNewline } } }

    private mutating func skipBlankLines() {
        while let character = current, character == "#" || character.isWhitespace {
            skipComment()
            skip(while: \.isWhitespace)
        }
    }

    private mutating func expectEndOfLine() throws(FailureReport) {
        skipSpaces()
        skipComment()
        guard let character = current, !character.isNewline else { return }
        throw problem("unexpected '\(SafeText.line(String(character)))' after the value")
    }

    private func problem(_ message: String, line: Int? = nil) -> FailureReport {
        FailureReport("\(path):\(line ?? self.line): \(message)", status: .usage)
    }
}
