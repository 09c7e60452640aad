import Glibc

/// Why a file could not be read.
public enum FileError: Error, CustomStringConvertible {
    case system(Int32)
    case tooLarge(limit: Int)
    case notAFile

    public var description: String {
        switch self {
        case .system(let number): describe(errno: number)
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .notAFile: "it is not a regular file"
        }
    }
}

/// The bytes of a file (or a pipe: `--config <(…)`), at most `limit` of them.
public func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAFile }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw .system(errno) }
        guard count > 0 else { return bytes }
        bytes += chunk[..<count]
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
    }
}
