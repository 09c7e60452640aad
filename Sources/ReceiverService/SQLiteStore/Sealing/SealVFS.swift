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

    /// Files that a new store is made in. Its pages are sealed from the first one that is written, which need not be the
    /// one that says so.
    static let expected = MarkedFiles()

    /// Files that are read whatever their seals say: to find out what is wrong with a store, never to use it.
    static let trusted = MarkedFiles()

    /// One name for a file, however it is reached: SQLite opens it by the path without links.
    static func canonical(_ path: String) -> String {
        guard let real = realpath(path, nil) else {
            let directory = OpeningLock.directory(of: path)
            guard directory != path, let name = path.split(separator: "/").last else { return path }
            return canonical(directory) + "/" + name
        }
        defer { free(real) }
        return String(cString: real)
    }
}

/// Files that are treated otherwise while something is done with them.
final class MarkedFiles: Sendable {
    private let paths = Mutex<Set<String>>([])

    func with<Value>(_ path: String, _ body: () throws -> Value) rethrows -> Value {
        let path = SealVFS.canonical(path)
        paths.withLock { _ = $0.insert(path) }
        defer { paths.withLock { _ = $0.remove(path) } }
        return try body()
    }

    func contains(_ path: String) -> Bool {
        paths.withLock { $0.contains(SealVFS.canonical(path)) }
    }
}
