/// Reads the statements of a configuration file one after the other, with their line numbers.
struct ConfigReader {
    struct Statement {
        let name: String
        let value: ConfigFile.Value
        let line: Int
    }

    struct Problem: Error {
        let message: String
        let line: Int
    }

    private let characters: [Character]
    private var position = 0
    private var line = 1

    init(_ text: String) {
        characters = Array(text)
    }

    /// The next `name = value`, or nil at the end of the text.
    mutating func nextStatement() throws(Problem) -> Statement? {
        skipBlankLines()
        guard current != nil else { return nil }
        let start = line
        let name = try readName()
        skipSpaces()
        guard current == "=" else { throw problem("expected '=' after '\(SafeText.line(name))'") }
        advance()
        skipSpaces()
        let value = try readValue()
        try expectEndOfLine()
        return Statement(name: name, value: value, line: start)
    }

    // MARK: names and values

    private mutating func readName() throws(Problem) -> String {
        var name = ""
        while let character = current, character.isLetter || character.isNumber || character == "-" || character == "_"
        {
            name.append(character)
            advance()
        }
        guard !name.isEmpty else { throw problem("expected name = value") }
        return name
    }

    private mutating func readValue() throws(Problem) -> ConfigFile.Value {
        if current == "[" { return .list(try readList()) }
        return .text(try readText(endingAt: []))
    }

    private mutating func readList() throws(Problem) -> [String] {
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
            case nil: throw Problem(message: "the list is not closed with ']'", line: opened)
            default: throw problem("expected ',' or ']' in the list")
            }
        }
    }

    private mutating func readText(endingAt ends: Set<Character>) throws(Problem) -> String {
        switch current {
        case "\"": try readBasicString()
        case "'": try readLiteralString()
        default: try readBareText(endingAt: ends)
        }
    }

    /// Bare text ends at the line's end or at `#` after white space, so that a `#` inside a value needs no quotes.
    private mutating func readBareText(endingAt ends: Set<Character>) throws(Problem) -> String {
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

    private mutating func readLiteralString() throws(Problem) -> String {
        advance()
        var text = ""
        while let character = current, !character.isNewline {
            advance()
            if character == "'" { return text }
            text.append(character)
        }
        throw problem("the string is not closed with '")
    }

    private mutating func readBasicString() throws(Problem) -> String {
        advance()
        var text = ""
        while let character = current, !character.isNewline {
            advance()
            switch character {
            case "\"": return text
            case "\\": text.append(try readEscape())
            default: text.append(character)
            }
        }
        throw problem("the string is not closed with \"")
    }

    private mutating func readEscape() throws(Problem) -> Character {
        guard let character = current else { throw problem("the string is not closed with \"") }
        advance()
        switch character {
        case "\"", "\\": return character
        case "n": return "\n"
        case "t": return "\t"
        case "u": return try readUnicodeEscape()
        default: throw problem("unknown escape '\\\(SafeText.line(String(character)))' in the string")
        }
    }

    private mutating func readUnicodeEscape() throws(Problem) -> Character {
        let digits = String(characters[position...].prefix(4))
        guard digits.count == 4, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw problem("'\\u' needs four hex digits of a character") }
        for _ in 0..<4 { advance() }
        return Character(scalar)
    }

    // MARK: moving

    private var current: Character? { position < characters.count ? characters[position] : nil }

    private mutating func advance() {
        if let character = current, character.isNewline { line += 1 }
        position += 1
    }

    private mutating func skipSpaces() {
        while let character = current, character.isWhitespace, !character.isNewline { advance() }
    }

    private mutating func skipBlankLines() {
        while let character = current {
            if character == "#" {
                skipComment()
            } else if character.isWhitespace {
                advance()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() {
        while let character = current, !character.isNewline { advance() }
    }

    private mutating func expectEndOfLine() throws(Problem) {
        skipSpaces()
        if current == "#" { skipComment() }
        guard let character = current else { return }
        guard character.isNewline else {
            throw problem("unexpected '\(SafeText.line(String(character)))' after the value")
        }
    }

    private func problem(_ message: String) -> Problem { Problem(message: message, line: line) }
}
