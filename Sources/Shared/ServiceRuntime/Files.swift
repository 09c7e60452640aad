import Glibc

/// Why a file could not be read.
package enum FileError: Error, CustomStringConvertible {
    case system(Int32)
    case tooLarge(limit: Int)
    case notAFile

    /// Whether there is no such file.
    package var isAbsence: Bool {
        guard case .system(let number) = self else { return false }
        return number == ENOENT || number == ENOTDIR
    }

    package var description: String {
        switch self {
        case .system(let number): describe(errno: number)
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .notAFile: "it is not a regular file"
        }
    }
}

/// The directory that a path names, without the slash; nil where it names none, or the root.
package func directory(of path: String) -> String? {
    path.lastIndex(of: "/").flatMap { $0 == path.startIndex ? nil : String(path[..<$0]) }
}

/// Puts a file into the place of the one of that name, readable by its owner alone: whoever opens the name finds the old
/// bytes or the new ones, whole, whatever happens meanwhile. When it returns they are on the disk.
package func replaceFile(_ path: String, with text: String) throws(FileError) {
    let directory = directory(of: path) ?? (path.hasPrefix("/") ? "/" : ".")
    let name = path.split(separator: "/").last ?? ""
    // Its own for each process: two of them must not write into one file.
    let temporary = "\(directory)/.\(name).\(getpid())"
    // One that an earlier process of this number could not rename any more.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(errno) }
    do throws(FileError) {
        try writeToDisk(text, descriptor)
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
private func writeToDisk(_ text: String, _ descriptor: Int32) throws(FileError) {
    defer { close(descriptor) }
    let code = StandardStreams.write(Array(text.utf8), to: descriptor)
    guard code == 0 else { throw .system(code) }
    guard fsync(descriptor) == 0 else { throw .system(errno) }
}

/// The text of a file that people write, with whatever editor.
///
/// - Parameters:
///   - what: the file in the words of a message, with its path.
///   - isNone: what to say of it where it is no text.
/// - Throws: a report of status `usage`.
package func readText(
    _ path: String, limit: Int, what: String, isNone: String = "is not UTF-8 text"
) throws(FailureReport) -> String {
    let bytes: [UInt8]
    do throws(FileError) {
        bytes = TextDecoder.utf8(try readFile(path, limit: limit))
    } catch {
        throw FailureReport("cannot read \(what): \(error)", status: .usage)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FailureReport("\(what) \(isNone)", status: .usage)
    }
    return text
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
