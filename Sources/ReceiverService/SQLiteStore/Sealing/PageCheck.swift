import GRDB
import GRDBSQLite
import Glibc
import ReceiverStore

/// Looks at the seals of a store's pages without needing any of them.
struct PageCheck {
    /// SQLite never uses the page at this byte: file systems' locks are there.
    private static let lockByte: Int64 = 1 << 30

    private let file: SealedFile.Handle
    private let path: String
    /// Pages that were looked at and have no seal.
    private(set) var unsealed = 0

    /// - Parameter db: only to be used while this connection is.
    /// - Returns: nil where the store's pages have no seals.
    init?(_ db: Database, path: String) {
        guard let file = SealedFile.main(of: db), file.pointee.isSealed, file.pointee.pageBytes > 0 else { return nil }
        self.file = file
        self.path = path
    }

    var bytes: Int64 { SealedFile.bytes(of: file) }

    var pages: UInt32 { UInt32(clamping: bytes / Int64(file.pointee.pageBytes)) }

    /// - Throws: ``StoreError`` `damaged` for the first page that is.
    mutating func look(at pages: some Sequence<UInt32>) throws {
        let count = file.pointee.pageBytes
        let lockPage = UInt32(clamping: Self.lockByte / Int64(count) + 1)
        try withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { page in
            for number in pages where number != lockPage {
                switch try verdict(of: number, in: page) {
                case .intact: break
                case .unsealed: unsealed += 1
                case .damaged: throw StoreError.damaged(path, .page(number))
                }
            }
        }
    }

    /// Another receiver may be copying this page from the log just now; then it is whole a moment later.
    private func verdict(of number: UInt32, in page: UnsafeMutableRawBufferPointer) throws -> PageSeal.Verdict {
        var verdict = PageSeal.Verdict.damaged
        for attempt in 0..<Limits.pageReads where verdict == .damaged {
            if attempt > 0 { usleep(Limits.pageRereadMicroseconds) }
            let status = SealedFile.readRaw(file, page, at: Int64(number - 1) * Int64(page.count))
            guard status == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: status)) }
            verdict = PageSeal.verdict(of: UnsafeRawBufferPointer(page), number: number)
        }
        return verdict
    }
}

extension SealedFile {
    /// The store's file of a connection.
    static func main(of db: Database) -> Handle? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard let connection = db.sqliteConnection,
            sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
            let file, file.pointee.pMethods == methods
        else { return nil }
        return handle(file)
    }

    /// 0 when it cannot be known.
    static func bytes(of file: Handle) -> Int64 {
        let inner = VFSLayer.file(file)
        var size: sqlite3_int64 = 0
        return inner.pointee.pMethods.pointee.xFileSize(inner, &size) == SQLITE_OK ? size : 0
    }

    /// Reads without a look at the seal.
    static func readRaw(_ file: Handle, _ page: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int32 {
        let inner = VFSLayer.file(file)
        return inner.pointee.pMethods.pointee.xRead(inner, page.baseAddress, Int32(clamping: page.count), offset)
    }
}
