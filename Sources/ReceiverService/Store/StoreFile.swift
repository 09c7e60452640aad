import Glibc

/// What the first bytes of a store's file say, read without SQLite, which would already make files beside it.
///
/// The layout is in "The Database File Format" (sqlite.org/fileformat2.html), section 1.3.
struct StoreFile {
    /// "p2pm": marks our databases in the field that SQLite has for this purpose.
    static let applicationID: Int32 = 0x7032_706D

    private static let headerBytes = 100
    private static let applicationIDOffset = 68
    private static let magic = Array("SQLite format 3\0".utf8)

    enum Kind: Equatable {
        /// No file, or an empty one: a store can be made here.
        case absent
        case store
    }

    let path: String

    /// - Throws: ``StoreError``; nothing was changed.
    func kind() throws(StoreError) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let number = errno
            // A missing directory is made later, a path through a file is a mistake.
            guard number == ENOENT else { throw .unreadable(path, number) }
            return .absent
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError(.unreadable, "cannot open the store \(path): it is not a regular file")
        }
        let header = try header()
        if header.isEmpty { return .absent }
        guard header.count == Self.headerBytes, header.starts(with: Self.magic) else { throw .notADatabase(path) }
        let id = header[Self.applicationIDOffset..<Self.applicationIDOffset + 4].reduce(UInt32(0)) {
            $0 << 8 | UInt32($1)
        }
        guard id == UInt32(bitPattern: Self.applicationID) else { throw .foreign(path) }
        return .store
    }

    private func header() throws(StoreError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path, errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.headerBytes)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .unreadable(path, errno) }
        return Array(bytes.prefix(count))
    }
}
