import Bus
import Messages
import ReceiverStore
import ServiceRuntime
import Synchronization

/// Whose messages this receiver takes, and how many of them. It binds what comes from the mesh and from clients alike,
/// except that this node's own clients have no rates: who may use the bus is the operator, or was let in by them.
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
    private let keys: RateLimiter<PublicKey>?
    private let peers: RateLimiter<String>?
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Throws: ``FailureReport`` that names the file and the line.
    convenience init(
        files: Files, keyRate: Rate? = Limits.keyRate, sourceRate: Rate? = Limits.sourceRate
    ) throws(FailureReport) {
        self.init(files, keyRate: keyRate, sourceRate: sourceRate)
        try reload()
    }

    /// Without lists until ``reload()``.
    ///
    /// - Parameters:
    ///   - keyRate: for each author; nil: none.
    ///   - sourceRate: for each peer of the mesh; nil: none.
    init(
        _ files: Files = Files(), keyRate: Rate?, sourceRate: Rate?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.files = files
        keys = keyRate.map { RateLimiter($0, capacity: Limits.remembered) }
        peers = sourceRate.map { RateLimiter($0, capacity: Limits.remembered) }
        self.now = now
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

    /// Before the signature is checked: what an unproven message may be refused for. The author's rate is not among it,
    /// or anybody could use it up in the author's name.
    func refusal(of message: SignedMessage, from source: Source) -> Refusal? {
        let refusal = lists.withLock { lists -> Refusal? in
            if lists.denied.contains(message.key) { return .keyBlocked }
            if let allowed = lists.allowed, !allowed.contains(message.key) { return .keyNotAllowed }
            return nil
        }
        if let refusal { return refusal }
        guard case .peer(let peer) = source, let peers, !peers.allows(peer, now: now()) else { return nil }
        return .rateLimited
    }

    /// After it.
    func refusal(ofProven message: SignedMessage, from source: Source) -> Refusal? {
        guard case .peer = source, let keys, !keys.allows(message.key, now: now()) else { return nil }
        return .rateLimited
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
