import Glibc

/// The system calls under ``KeyStore``.
enum KeyFile {
    private static let directoryMode: mode_t = 0o700
    private static let fileMode: mode_t = 0o600
    private static let others: mode_t = 0o077
    private static let othersWrite: mode_t = 0o022

    /// Makes the directory and those above it that are missing.
    static func makeDirectory(_ path: String) throws(KeyError) {
        let slash = UInt8(ascii: "/")
        let ends = path.utf8.indices.dropFirst().filter { path.utf8[$0] == slash } + [path.endIndex]
        for end in ends {
            let prefix = String(path[..<end])
            if mkdir(prefix, directoryMode) == 0 { continue }
            let error = errno
            // A directory above may forbid writing and be there all the same.
            var status = stat()
            if stat(prefix, &status) != 0 { throw .system(error, "make the directory \(prefix)") }
        }
    }

    /// Who may write into the directory may swap the keys in it. One that does not exist passes.
    static func checkDirectory(_ path: String) throws(KeyError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let error = errno
            if error == ENOENT { return }
            throw .system(error, "look at \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw KeyError(.unusable, "\(path) is not a directory") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw KeyError(.unusable, "the directory \(path) belongs to another account (\(status.st_uid))")
        }
        guard status.st_mode & othersWrite == 0 else {
            throw KeyError(.exposed, "others can write to \(path); run: chmod 700 \(quoted(path))")
        }
    }

    /// The text of the file; nil where there is none.
    static func contents(of path: String) throws(KeyError) -> String? {
        // Not through a link, and without waiting for the other end of a pipe.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw KeyError(.unusable, "\(path) is a symbolic link; a key must be a plain file")
            default: throw .system(errno, "open \(path)")
            }
        }
        defer { close(descriptor) }
        try check(descriptor, path)
        var bytes = [UInt8](repeating: 0, count: MessageLimits.keyFileBytes + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { rest in
                retrying { read(descriptor, rest.baseAddress, rest.count) }
            }
            guard got >= 0 else { throw .system(errno, "read \(path)") }
            if got == 0 { break }
            count += got
        }
        guard count <= MessageLimits.keyFileBytes, let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw KeyError(.malformed, "\(path) is no private key")
        }
        return text
    }

    private static func check(_ descriptor: CInt, _ path: String) throws(KeyError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno, "look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KeyError(.unusable, "\(path) is not a plain file")
        }
        guard status.st_uid == geteuid() else {
            throw KeyError(
                .unusable,
                "\(path) belongs to another account (\(status.st_uid)); run: chown \(geteuid()) \(quoted(path))")
        }
        guard status.st_mode & others == 0 else {
            throw KeyError(.exposed, "others can read the private key \(path); run: chmod 600 \(quoted(path))")
        }
    }

    /// Writes a new file that is there whole or not at all: a temporary one, forced to the disk, then linked to its name,
    /// which fails where the name exists.
    static func create(_ text: String, at path: String, name: String, in directory: String) throws(KeyError) {
        let temporary = try writeTemporary(text, name: name, in: directory)
        defer { unlink(temporary) }
        guard link(temporary, path) == 0 else {
            let error = errno
            if error == EEXIST { throw KeyError(.exists, "there is a key \(name) in \(directory) already") }
            throw .system(error, "write \(path)")
        }
        try flush(directory)
    }

    /// As ``create(_:at:name:in:)``, in the place of what was there.
    static func replace(_ text: String, at path: String, name: String, in directory: String) throws(KeyError) {
        let temporary = try writeTemporary(text, name: name, in: directory)
        guard rename(temporary, path) == 0 else {
            let error = errno
            unlink(temporary)
            throw .system(error, "write \(path)")
        }
        try flush(directory)
    }

    private static func writeTemporary(
        _ text: String, name: String, in directory: String
    ) throws(KeyError) -> String {
        // Names of keys do not begin with a dot, so nobody takes it for a key.
        let temporary = "\(directory)/.\(name).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, fileMode)
        guard descriptor >= 0 else { throw .system(errno, "write to the directory \(directory)") }
        do {
            try fill(descriptor, with: Array(text.utf8), temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        return temporary
    }

    /// Writes, forces it to the disk and closes.
    private static func fill(_ descriptor: CInt, with bytes: [UInt8], _ path: String) throws(KeyError) {
        defer { close(descriptor) }
        // The umask may have taken bits away.
        guard fchmod(descriptor, fileMode) == 0 else { throw .system(errno, "protect \(path)") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let put = rest.withUnsafeBytes { bytes in
                retrying { write(descriptor, bytes.baseAddress, bytes.count) }
            }
            guard put > 0 else { throw .system(errno, "write \(path)") }
            rest = rest.dropFirst(put)
        }
        guard fsync(descriptor) == 0 else { throw .system(errno, "write \(path) to the disk") }
    }

    /// The new name is on the disk only when the directory is.
    static func flush(_ directory: String) throws(KeyError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, "open the directory \(directory)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(errno, "write the directory \(directory) to the disk") }
    }

    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    /// For a shell.
    private static func quoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { character in
            KeyStore.isName("x" + String(decoding: [character], as: UTF8.self)) || character == UInt8(ascii: "/")
        }
        if isPlain { return path }
        return "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}

extension KeyError {
    static func system(_ error: CInt, _ action: String) -> KeyError {
        KeyError(.unusable, "cannot \(action): \(String(cString: strerror(error)))")
    }
}
