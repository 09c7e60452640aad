import Bus
import Messages
import ReceiverStore
import ServiceRuntime
import Synchronization

/// Whose messages this receiver takes, from the mesh and from clients alike.
final class Policy: Sendable {
    /// Where the lists come from.
    struct Files: Sendable {
        /// When there is one, nobody else is taken.
        var allowed: String?
        var denied: String?
    }

    private struct Lists {
        var allowed: Set<PublicKey>?
        var denied: Set<PublicKey> = []
    }

    private let files: Files
    private let lists = Mutex(Lists())

    /// Everybody's.
    init() { files = Files() }

    /// - Throws: ``FailureReport`` that names the file and the line.
    init(files: Files) throws(FailureReport) {
        self.files = files
        try reload()
    }

    /// Reads the files again.
    ///
    /// - Returns: whether there are any.
    /// - Throws: ``FailureReport``; the lists are then what they were.
    @discardableResult
    func reload() throws(FailureReport) -> Bool {
        let new = Lists(
            allowed: try files.allowed.map { path throws(FailureReport) in try Policy.keys(in: path) },
            denied: try files.denied.map { path throws(FailureReport) in try Policy.keys(in: path) } ?? [])
        lists.withLock { $0 = new }
        return files.allowed != nil || files.denied != nil
    }

    /// - Returns: why nothing of this author is taken; nil: it is.
    func refusal(of key: PublicKey) -> Refusal? {
        lists.withLock { lists in
            if lists.denied.contains(key) { return .keyBlocked }
            if let allowed = lists.allowed, !allowed.contains(key) { return .keyNotAllowed }
            return nil
        }
    }

    /// Keys from a file: one a line; empty lines and what follows `#` are for people.
    ///
    /// - Throws: ``FailureReport`` of status `usage` that names the file, and the line where one is wrong.
    private static func keys(in path: String) throws(FailureReport) -> Set<PublicKey> {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = TextDecoder.utf8(try readFile(path, limit: Limits.keyFileBytes))
        } catch {
            throw FailureReport("cannot read the keys in \(path): \(error)", status: .usage)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FailureReport("\(path) is not text in UTF-8", status: .usage)
        }
        var keys: Set<PublicKey> = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let word = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
            if word.isEmpty { continue }
            do throws(MessageError) {
                keys.insert(try PublicKey(String(word)))
            } catch {
                throw FailureReport("\(path):\(index + 1): \(error.message)", status: .usage)
            }
        }
        return keys
    }
}
