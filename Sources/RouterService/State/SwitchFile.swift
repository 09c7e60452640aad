import Glibc
import ServiceRuntime
import Telehash
import TelehashWire

/// The file in which a router keeps the addresses of switches that answered it, for its next start.
///
/// A head line, then an address and the time of the last answer in each line. A line with an address alone, as people
/// write them, counts as well. Behind them, as comments for routers that don't know of them, the lines that the next start
/// speaks again; their rings are secrets, so nobody else may read the file.
struct SwitchFile: Sendable {
    struct Entry: Hashable, Sendable {
        let endpoint: Endpoint
        /// Milliseconds since 1970; 0 where nobody knows.
        let answeredAt: Int64
    }

    enum Content: Equatable, Sendable {
        case absent
        case entries([Entry], lines: [RememberedLine])
        /// It is ours, but something happened to it: worth nothing, and replaced by the next one.
        case damaged(line: Int, why: String)
        /// It is somebody else's, or nobody can tell: not ours to replace.
        case foreign(why: String)
    }

    let path: String

    static let head = "# p2pmsg switches 1"
    fileprivate static let lineMark = "#line "
    private static let explanation = ": nodes that answered, and when last; written by the router"

    func read() -> Content {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .absent : .foreign(why: describe(errno: errno))
        }
        // Whoever opens a pipe waits for its other end.
        guard status.st_mode & S_IFMT == S_IFREG else { return .foreign(why: "it is no file") }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile(path, limit: RouterLimits.stateBytes)
        } catch {
            return .foreign(why: "\(error)")
        }
        return SwitchFile.parse(bytes)
    }

    /// Replaces the file, and makes its directory where there is none.
    func write(_ entries: [Entry], lines: [RememberedLine] = []) throws(FailureReport) {
        try StateWriter.replace(path, with: SwitchFile.text(entries, lines: lines))
    }

    static func text(_ entries: [Entry], lines: [RememberedLine] = []) -> String {
        let switches = entries.map { "\($0.endpoint) \(Timestamp.text($0.answeredAt))\n" }
        let remembered = lines.map {
            lineMark + "\($0.endpoint) \($0.ringOut) \($0.ringIn) \($0.sent) \($0.received)\n"
        }
        return head + explanation + "\n" + switches.joined() + remembered.joined()
    }

    static func parse(_ bytes: [UInt8]) -> Content {
        // Made with `touch`, or what a crash of another system left.
        guard !bytes.isEmpty else { return .absent }
        guard bytes.starts(with: head.utf8) else { return .foreign(why: "its first line is not \"\(head)\"") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            return .damaged(line: valid.count { $0 == "\n" } + 1, why: "it is not text")
        }
        guard text.hasSuffix("\n") else {
            return .damaged(line: text.count { $0 == "\n" } + 1, why: "its end is missing")
        }
        var entries: [Entry] = []
        var lines: [RememberedLine] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let line = RememberedLine(line) { lines.append(line) }
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let entry = Entry(line) else {
                return .damaged(line: index + 1, why: "expected an address and a time")
            }
            if entries.count < RouterLimits.savedSwitches { entries.append(entry) }
        }
        return .entries(entries, lines: lines)
    }
}

extension SwitchFile.Entry {
    fileprivate init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count <= 2, let word = words.first, let endpoint = Endpoint(String(word)) else { return nil }
        guard let time = words.count == 2 ? Timestamp.parse(String(words[1])) : 0 else { return nil }
        self.init(endpoint: endpoint, answeredAt: time)
    }
}

extension RememberedLine {
    /// - Returns: nil for a comment, which anything is that is no line.
    fileprivate init?(_ text: Substring) {
        guard text.hasPrefix(SwitchFile.lineMark) else { return nil }
        let words = text.dropFirst(SwitchFile.lineMark.utf8.count).split(separator: " ")
        let numbers = words.dropFirst().compactMap { Int($0) }
        guard words.count == 5, numbers.count == 4, let endpoint = Endpoint(String(words[0])) else { return nil }
        self.init(endpoint: endpoint, ringOut: numbers[0], ringIn: numbers[1], sent: numbers[2], received: numbers[3])
    }
}
