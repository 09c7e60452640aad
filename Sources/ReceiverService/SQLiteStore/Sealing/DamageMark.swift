import Glibc
import ServiceRuntime

/// A file beside a damaged store that names the page, so that the next start need not search a large store for it again.
struct DamageMark {
    private let mark: String

    init(store path: String) { mark = path + ".damaged" }

    /// The page that was found damaged. Whether it still is, is another question: the store may be restored.
    var page: UInt32? {
        guard let bytes = try? readFile(mark, limit: 64) else { return nil }
        return UInt32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    }

    func set(_ page: UInt32) {
        let descriptor = open(mark, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = "\(page)\n"
        _ = write(descriptor, text, text.utf8.count)
    }

    func remove() { unlink(mark) }
}
