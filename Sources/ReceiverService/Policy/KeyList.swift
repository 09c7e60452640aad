import Messages
import ServiceRuntime

/// Keys from a file: one a line; empty lines and what follows `#` are for people.
struct KeyList: Sendable {
    let keys: Set<PublicKey>

    /// - Throws: ``FailureReport`` of status `usage` that names the file, and the line where one is wrong.
    init(file path: String) throws(FailureReport) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = TextDecoder.utf8(try readFile(path, limit: Limits.keyFileBytes))
        } catch {
            throw FailureReport("cannot read the keys in \(path): \(error)", status: .usage)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FailureReport("\(path) is not text in UTF-8", status: .usage)
        }
        try self.init(text, name: path)
    }

    init(_ text: String, name: String) throws(FailureReport) {
        var keys: Set<PublicKey> = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let word = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
            if word.isEmpty { continue }
            do throws(MessageError) {
                keys.insert(try PublicKey(String(word)))
            } catch {
                throw FailureReport("\(name):\(index + 1): \(error.message)", status: .usage)
            }
        }
        self.keys = keys
    }
}
