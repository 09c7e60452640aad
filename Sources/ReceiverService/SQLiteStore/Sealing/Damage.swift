import Glibc
import ServiceRuntime
import Synchronization

/// What ``SealVFS`` found damaged. SQLite's errors have no room for it, so it is kept here, by file.
enum Damage {
    enum Place: Hashable, Sendable {
        /// A page of the file, counted from 1.
        case page(UInt32)
        /// A frame of the write-ahead log.
        case log

        var sentence: String {
            switch self {
            case .page(let number): "page \(number) is not what was written"
            case .log: "its write-ahead log is not what was written"
            }
        }
    }

    private static let found = Mutex<[String: Place]>([:])

    /// - Parameter path: of the store's file, without links.
    static func note(_ place: Place, of path: String) {
        found.withLock { $0[path] = place }
    }

    /// What was found last in this file.
    static func last(of path: String) -> Place? {
        found.withLock { $0[SealVFS.canonical(path)] }
    }
}

/// A file beside a damaged store that names the page, so that the next start need not search a large store for it again.
struct DamageMark {
    private let mark: String

    init(store path: String) { mark = path + ".damaged" }

    /// The page that was found damaged. Whether it still is, is another question: the store may be restored.
    var page: UInt32? {
        guard let bytes = try? readFile(mark, limit: 64) else { return nil }
        return UInt32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    }

    func set(_ page: UInt32) { try? replaceFile(mark, with: "\(page)\n") }

    func remove() { unlink(mark) }
}
