import Glibc
import ServiceRuntime

/// The file that a backup is written to. Until it is whole it has another name, so that nobody takes a part for the whole;
/// what is there already, under either name, is somebody's and stays.
final class BackupFile {
    private let path: String
    private let partial: String
    /// nil once the file has its name.
    private var descriptor: Int32?

    /// - Throws: a report that says what is in the way, of status `refused` where that is a file.
    init(_ path: String) throws(FailureReport) {
        self.path = path
        partial = path + ".partial"
        func refused(_ why: String) -> FailureReport {
            FailureReport("cannot write a backup to \(SafeText.line(path)): \(why)", status: .refused)
        }
        guard !path.hasSuffix("/") else { throw refused("name a file, not a directory") }
        var status = stat()
        guard lstat(path, &status) != 0 else {
            throw refused(
                status.st_mode & S_IFMT == S_IFDIR ? "it is a directory, name a file in it" : "it is there already")
        }
        let made = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard made >= 0 else {
            let number = errno
            guard number != EEXIST else {
                throw refused(
                    "\(SafeText.line(partial)) is there, of another backup or of one that was broken off; remove it if it is not "
                        + "needed")
            }
            throw FailureReport("cannot write a backup to \(SafeText.line(path)): \(describe(errno: number))")
        }
        descriptor = made
    }

    deinit {
        guard let descriptor else { return }
        if isOurs(descriptor) { unlink(partial) }
        close(descriptor)
    }

    func write(_ bytes: [UInt8]) throws(FailureReport) {
        guard let descriptor else { return }
        let number = StandardStreams.write(bytes, to: descriptor)
        guard number == 0 else { throw trouble(number) }
    }

    /// Gives the file its name, once it is on the disk.
    func finish() throws(FailureReport) {
        guard let descriptor else { return }
        guard fsync(descriptor) == 0 else { throw trouble(errno) }
        // Unlike a renaming, a second name never takes another file's place; file systems without them are asked before.
        if link(partial, path) == 0 {
            unlink(partial)
        } else {
            let number = errno
            var status = stat()
            guard number != EEXIST, lstat(path, &status) != 0, rename(partial, path) == 0 else { throw trouble(number) }
        }
        self.descriptor = nil
        close(descriptor)
        let folder = open(directory(of: path) ?? (path.hasPrefix("/") ? "/" : "."), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw trouble(errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw trouble(errno) }
    }

    private func isOurs(_ descriptor: Int32) -> Bool {
        var (own, named) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && lstat(partial, &named) == 0 && own.st_ino == named.st_ino
            && own.st_dev == named.st_dev
    }

    private func trouble(_ number: Int32) -> FailureReport {
        FailureReport("cannot write the backup \(SafeText.line(path)): \(describe(errno: number))")
    }
}
