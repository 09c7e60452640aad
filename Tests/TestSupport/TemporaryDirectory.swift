import Foundation

/// A directory of mode 0700 that is removed with everything in it when the last reference to it goes away.
///
/// Its path is short on purpose: a socket's path in it must fit into the 107 bytes that Linux allows.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        var template = Array("/tmp/p2pm-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError("mkdtemp") }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something inside.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file inside and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String, permissions: Int = 0o644) throws -> String {
        let path = file(name)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: permissions])
        else { throw SystemError("write \(path)") }
        return path
    }
}

/// A failed system call, with what `errno` said at that moment.
public struct SystemError: Error, CustomStringConvertible {
    public let code: Int32
    public let description: String

    public init(_ call: String, code: Int32 = errno) {
        self.code = code
        description = "\(call): \(String(cString: strerror(code)))"
    }
}
