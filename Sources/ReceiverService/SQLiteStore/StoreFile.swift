import Glibc
import ReceiverStore

/// What the first pages of a store's file say, read without SQLite, which would already make files beside it.
struct StoreFile {
    /// Pages after the first one that tell whether the file has seals, when the first one cannot be believed.
    private static let witnesses = 8

    let path: String

    /// - Returns: whether it is a store; false: there is no file, or an empty one, and a store can be made here.
    /// - Throws: ``StoreError``; nothing was changed.
    func exists() throws(StoreError) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let number = errno
            // A missing directory is made later, a path through a file is a mistake.
            guard number == ENOENT else { throw .unreadable(path, number) }
            try checkDirectory()
            return false
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError(.unreadable, "cannot open the store \(path): it is not a regular file")
        }
        // SQLite would open it for reading only, and say so at the first message.
        guard access(path, W_OK) == 0 else { throw .notWritable(path, errno) }
        try checkDirectory()
        let bytes = try PageSource.beginning(of: path, bytes: (1 + Self.witnesses) * PageSource.usualPageBytes)
        if bytes.isEmpty { return false }
        if let error = bytes.withUnsafeBytes({ refusal(of: $0, fileBytes: Int64(status.st_size)) }) { throw error }
        return true
    }

    /// Other users of the machine read nothing of it, and lock nothing. Files that SQLite makes beside it get its mode; the
    /// group keeps what an operator gave it.
    func closeToOthers() throws(StoreError) {
        let made = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if made >= 0 { close(made) } else if errno != EEXIST { throw .notWritable(path, errno) }
        for suffix in ["", "-wal", "-shm", "-journal"] {
            var status = stat()
            guard stat(path + suffix, &status) == 0, status.st_mode & 0o007 != 0 else { continue }
            chmod(path + suffix, status.st_mode & 0o770)
        }
    }

    /// A damaged first page can look like anything. But pages with our seals are in no other file.
    private func refusal(of bytes: UnsafeRawBufferPointer, fileBytes: Int64) -> StoreError? {
        let hasSeals = (1...Self.witnesses).contains { Self.verdict(bytes, page: $0) == .intact }
        func firstPage(or error: StoreError) -> StoreError { hasSeals ? .damaged(path, .page(1)) : error }
        guard let header = StoreHeader(bytes) else { return firstPage(or: .notADatabase(path)) }
        guard header.isOurs else { return firstPage(or: .foreign(path)) }
        let isSealed = header.reservedBytes == PageSeal.bytes && header.pageBytes == PageSource.usualPageBytes
        guard isSealed || !hasSeals else { return .damaged(path, .page(1)) }
        // What a crash left in the log may be a better first page, and the rest of the file.
        let isWhole = !hasLog
        let isDamaged = isWhole && isSealed && Self.verdict(bytes, page: 0) == .damaged
        // Before anything else is looked at: a newer p2pmsg may do it all in another way, seals included.
        guard header.userVersion <= Migrations.version || isDamaged && Self.isFlip(bytes, of: header) else {
            return .newer(path)
        }
        if isDamaged { return .damaged(path, .page(1)) }
        if isWhole, isSealed, fileBytes < Int64(header.pages) * Int64(header.pageBytes) {
            return .damaged(
                path, "it has \(fileBytes) bytes instead of \(Int64(header.pages) * Int64(header.pageBytes))")
        }
        return nil
    }

    /// Whether the first page would be what was written if one bit of its version were another.
    private static func isFlip(_ bytes: UnsafeRawBufferPointer, of header: StoreHeader) -> Bool {
        (0..<32).contains { bit in
            let version = header.userVersion ^ 1 << bit
            guard version <= Migrations.version else { return false }
            var page = Array(bytes.prefix(PageSource.usualPageBytes))
            withUnsafeBytes(of: version.bigEndian) {
                page.replaceSubrange(StoreHeader.userVersionOffset..<StoreHeader.userVersionOffset + 4, with: $0)
            }
            return page.withUnsafeBytes { verdict($0, page: 0) } == .intact
        }
    }

    private static func verdict(_ bytes: UnsafeRawBufferPointer, page index: Int) -> PageSeal.Verdict? {
        let begin = index * PageSource.usualPageBytes
        let end = begin + PageSource.usualPageBytes
        guard end <= bytes.count else { return nil }
        return PageSeal.verdict(of: UnsafeRawBufferPointer(rebasing: bytes[begin..<end]), number: UInt32(index + 1))
    }

    /// The write-ahead log is made beside the file.
    private func checkDirectory() throws(StoreError) {
        let directory = OpeningLock.directory(of: path)
        // One that is missing is made.
        guard access(directory, F_OK) == 0, access(directory, W_OK) != 0 else { return }
        throw .notWritable(path, errno)
    }

    private var hasLog: Bool {
        var status = stat()
        return stat(path + "-wal", &status) == 0 && status.st_size > 0
    }
}

/// The first 100 bytes of a store's file ("The Database File Format", sqlite.org/fileformat2.html, section 1.3).
struct StoreHeader {
    static let bytes = 100
    static let userVersionOffset = 60
    /// "p2pm": marks our databases in the field that SQLite has for this purpose.
    static let applicationID: UInt32 = 0x7032_706D

    private static let magic = Array("SQLite format 3\0".utf8)

    let pageBytes: Int
    let reservedBytes: Int
    /// Pages of the database when this header was written.
    let pages: UInt32
    let userVersion: UInt32
    let isOurs: Bool

    /// - Parameter header: at least 100 bytes.
    /// - Returns: nil for what is no SQLite database.
    init?(_ header: UnsafeRawBufferPointer) {
        guard header.count >= Self.bytes, header.starts(with: Self.magic) else { return nil }
        func word(_ offset: Int) -> UInt32 {
            UInt32(bigEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        pageBytes = PageSource.pageBytes(Array(header.prefix(24)))
        reservedBytes = Int(header[PageSeal.reservedOffset])
        pages = word(28)
        userVersion = word(Self.userVersionOffset)
        isOurs = word(68) == Self.applicationID
    }
}
