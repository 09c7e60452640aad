import Glibc
import ServiceRuntime
import Telehash

/// The file in which a router keeps the addresses of switches that answered it, for its next start.
///
/// A head line, then an address and the time of the last answer in each line. A line with an address alone, as people
/// write them, counts as well.
struct SwitchFile: Sendable {
    struct Entry: Hashable, Sendable {
        let endpoint: Endpoint
        /// Milliseconds since 1970; 0 where nobody knows.
        let answeredAt: Int64
    }

    enum Content: Equatable, Sendable {
        case absent
        case entries([Entry])
        /// It is ours, but something happened to it: worth nothing, and replaced by the next one.
        case damaged(line: Int, why: String)
        /// It is somebody else's, or nobody can tell: not ours to replace.
        case foreign(why: String)
    }

    let path: String

    static let head = "# p2pmsg switches 1"
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
    func write(_ entries: [Entry]) throws(FailureReport) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try PrivateDirectory.create(String(path[..<slash]))
        }
        do throws(FileError) {
            try replaceFile(path, with: Array(SwitchFile.text(entries).utf8))
        } catch {
            throw FailureReport("cannot write \(path): \(error)")
        }
    }

    static func text(_ entries: [Entry]) -> String {
        entries.reduce(head + explanation + "\n") {
            $0 + "\($1.endpoint) \(Timestamp.text($1.answeredAt))\n"
        }
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
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let entry = Entry(line) else {
                return .damaged(line: index + 1, why: "expected an address and a time")
            }
            if entries.count < RouterLimits.savedSwitches { entries.append(entry) }
        }
        return .entries(entries)
    }
}

extension SwitchFile.Entry {
    fileprivate init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count <= 2, let word = words.first, let endpoint = Endpoint(String(word)) else { return nil }
        guard words.count == 2 else {
            self.init(endpoint: endpoint, answeredAt: 0)
            return
        }
        guard let time = Timestamp.parse(String(words[1])) else { return nil }
        self.init(endpoint: endpoint, answeredAt: time)
    }
}
