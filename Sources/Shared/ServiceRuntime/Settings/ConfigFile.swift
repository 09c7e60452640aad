import Glibc

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
        var reader = ConfigReader(text)
        do throws(ConfigReader.Problem) {
            while let statement = try reader.nextStatement() {
                try add(statement)
            }
        } catch {
            throw problem(error.message, line: error.line)
        }
    }

    /// Reads and parses the file.
    static func read(_ path: String) throws(FailureReport) -> ConfigFile {
        try ConfigFile(try contents(of: path), path: path)
    }

    /// A report that names the file and the line.
    func problem(_ message: String, line: Int) -> FailureReport {
        FailureReport("\(path):\(line): \(message)", status: .usage)
    }

    private mutating func add(_ statement: ConfigReader.Statement) throws(ConfigReader.Problem) {
        if let first = entries[statement.name] {
            let hint = Setting.isList(statement.name) ? "; several stand in one list: \(statement.name) = [A, B]" : ""
            let message =
                "setting '\(SafeText.line(statement.name))' is given twice (first on line \(first.line))\(hint)"
            throw ConfigReader.Problem(message: message, line: statement.line)
        }
        entries[statement.name] = Entry(value: statement.value, line: statement.line)
    }

    private static func contents(of path: String) throws(FailureReport) -> String {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = TextDecoder.utf8(try readFile(path, limit: Limits.configFileBytes))
        } catch {
            throw FailureReport("cannot read the configuration file \(path): \(error)", status: .usage)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FailureReport("the configuration file \(path) is not UTF-8 text", status: .usage)
        }
        return text
    }
}
