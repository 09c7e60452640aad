import GRDBSQLite
import Glibc
import Synchronization

/// The layer between SQLite and the system's files that keeps and checks the seals of pages (``PageSeal``).
///
/// A page of a sealed store gets its seal when it is written into the file, and the seal is checked when it is read. In
/// SQLite's memory, and so in the write-ahead log and in journals, the 8 bytes are zero. The log needs no seal: each of
/// its frames has a checksum, which SQLite checks only when it recovers, and this layer whenever a page is read from it.
///
/// Databases without reserved bytes pass through unchanged.
enum SealVFS {
    static let name = "p2pmsg-seal"

    /// Makes it the layer of every connection that this process opens from now on. Works once.
    static func register() { isRegistered }

    private static let isRegistered: Void = install(over: nil, as: name)

    /// - Parameter base: the name of the layer below; nil: the present default.
    static func install(over base: String?, as name: String) {
        precondition(MemoryLayout<SealedFile>.size <= VFSLayer.headerBytes)
        VFSLayer.install(over: base, as: name) { vfs, path, file, flags, outFlags in
            guard let vfs, let file else { return SQLITE_CANTOPEN }
            return SealedFile.open(vfs, path, file, flags, outFlags)
        }
    }

    // MARK: - Files to be

    private static let expected = Mutex<Set<String>>([])

    /// The body makes a new store in a file that is not there yet. Its pages are sealed from the first one that is
    /// written, which need not be the one that says so.
    static func expecting<Value>(_ path: String, _ body: () throws -> Value) rethrows -> Value {
        let path = canonical(path)
        expected.withLock { _ = $0.insert(path) }
        defer { expected.withLock { _ = $0.remove(path) } }
        return try body()
    }

    static func isExpected(_ path: String) -> Bool {
        expected.withLock { $0.contains(canonical(path)) }
    }

    // MARK: - Files that are only looked at

    private static let trusted = Mutex<Set<String>>([])

    /// The body reads a store whatever its seals say: to find out what is wrong with it, never to use it.
    static func trusting<Value>(_ path: String, _ body: () throws -> Value) rethrows -> Value {
        let path = canonical(path)
        trusted.withLock { _ = $0.insert(path) }
        defer { trusted.withLock { _ = $0.remove(path) } }
        return try body()
    }

    static func isTrusted(_ path: String) -> Bool {
        trusted.withLock { $0.contains(canonical(path)) }
    }

    /// One name for a file, however it is reached: SQLite opens it by the path without links.
    static func canonical(_ path: String) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[..<$0]) } ?? "."
        guard let real = realpath(directory.isEmpty ? "/" : directory, nil) else { return path }
        defer { free(real) }
        let file = slash.map { path[path.index(after: $0)...] } ?? path[...]
        return String(cString: real) + "/" + file
    }
}
