import Bus
import BusSecurity
import Glibc
import ZeroMQ

import class Foundation.FileManager

/// Where a receiver binds: two sockets beside the router's or in a directory of its own user, named after the receiver, so
/// that any number of receivers needs no setting; or, on the network, two ports of an address of its host.
struct Endpoints: Hashable, Sendable {
    static let queryExtension = "query"
    static let feedExtension = "feed"

    /// nil on the network.
    let directory: String?
    let query: String
    let feed: String

    /// - Parameters:
    ///   - bus: the router's address, `ipc://` and an absolute path.
    ///   - directory: another place than the router's.
    /// - Throws: `pathTooLong`, which names the path and the limit, and whatever else is wrong with the address.
    init(bus: String, in directory: String? = nil, receiver: ReceiverID) throws(ZeroMQError) {
        try IPC.validate(bus)
        let path = IPC.path(of: bus) ?? ""
        let directory = directory ?? path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        self.directory = directory
        let name = "ipc://\(directory)/\(receiver.id.short)."
        query = name + Self.queryExtension
        feed = name + Self.feedExtension
        try IPC.validate(query)
        try IPC.validate(feed)
    }

    init(_ address: ReceiverAddress) {
        directory = nil
        query = address.queryEndpoint
        feed = address.feedEndpoint
    }

    /// The files that binding makes, the lock files among them.
    var files: [String] {
        [query, feed].compactMap { IPC.path(of: $0) }.flatMap { [$0, $0 + SocketFiles.lockSuffix] }
    }
}

/// The files of receivers' sockets in the directory of the bus. Every start has new names, so somebody has to take away
/// what a killed receiver left.
enum SocketFiles {
    static let lockSuffix = ".lock"

    /// Removes the sockets of receivers that are provably dead: a living one holds the lock beside its socket.
    ///
    /// - Parameter now: seconds since 1970, on the clock of the file system.
    /// - Returns: how many sockets were removed.
    @discardableResult
    static func removeDead(in directory: String, now: Int64) -> Int {
        var removed = 0
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where isReceiverLock(name) {
            let lock = directory + "/" + name
            guard isOld(lock, now: now), removeIfUnlocked(lock) else { continue }
            removed += 1
        }
        return removed
    }

    /// Takes away a receiver's own files at its end.
    static func remove(_ paths: [String]) {
        for path in paths { unlink(path) }
    }

    /// `01234567.query.lock` or `01234567.feed.lock`.
    private static func isReceiverLock(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count == 8 && parts[0].allSatisfy("0123456789abcdef".contains)
            && [Endpoints.queryExtension, Endpoints.feedExtension].contains(String(parts[1])) && parts[2] == "lock"
    }

    /// A new lock file may belong to a receiver that has made it and not locked it yet.
    private static func isOld(_ path: String, now: Int64) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return now - Int64(status.st_mtim.tv_sec) >= Limits.newLockSeconds
    }

    private static func removeIfUnlocked(_ lock: String) -> Bool {
        let descriptor = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        unlink(String(lock.dropLast(lockSuffix.count)))
        unlink(lock)
        return true
    }
}
