import Glibc

/// Why a file could not be read.
package enum FileError: Error, CustomStringConvertible {
    case system(Int32)
    case tooLarge(limit: Int)
    case notAFile

    package var description: String {
        switch self {
        case .system(let number): describe(errno: number)
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .notAFile: "it is not a regular file"
        }
    }
}

/// Puts a file into the place of the one of that name, readable by its owner alone: whoever opens the name finds the old
/// bytes or the new ones, whole, whatever happens meanwhile. When it returns they are on the disk.
package func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    // Its own for each process: two of them must not write into one file.
    let temporary = "\(directory)/.\(name).\(getpid())"
    // One that an earlier process of this number could not rename any more.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(errno) }
    do throws(FileError) {
        try writeToDisk(bytes, descriptor)
        guard rename(temporary, path) == 0 else { throw .system(errno) }
    } catch {
        unlink(temporary)
        throw error
    }
    // The new name is on the disk only when the directory is.
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .system(errno) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw .system(errno) }
}

/// Writes, forces to the disk and closes.
private func writeToDisk(_ bytes: [UInt8], _ descriptor: Int32) throws(FileError) {
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw .system(errno) }
        rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw .system(errno) }
}

/// The bytes of a file (or a pipe: `--config <(…)`), at most `limit` of them.
package func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
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
