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
    private let lists: Mutex<Lists>
    private let keys: RateLimiter<PublicKey>?
    private let peers: RateLimiter<String>?
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - keyRate: for each author; nil: none.
    ///   - sourceRate: for each peer of the mesh; nil: none.
    /// - Throws: ``FailureReport`` that names the file and the line.
    convenience init(
        files: Files, keyRate: Rate? = Limits.keyRate, sourceRate: Rate? = Limits.sourceRate,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws(FailureReport) {
        self.init(files, try Policy.read(files), keyRate: keyRate, sourceRate: sourceRate, now: now)
    }

    /// Without lists.
    convenience init(
        keyRate: Rate?, sourceRate: Rate?, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.init(Files(), Lists(), keyRate: keyRate, sourceRate: sourceRate, now: now)
    }

    private init(
        _ files: Files, _ lists: Lists, keyRate: Rate?, sourceRate: Rate?,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.files = files
        self.lists = Mutex(lists)
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
        let new = try Policy.read(files)
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

    private static func read(_ files: Files) throws(FailureReport) -> Lists {
        var lists = Lists()
        if let path = files.allowed { lists.allowed = try KeyList(file: path).keys }
        if let path = files.denied { lists.denied = try KeyList(file: path).keys }
        return lists
    }
}
