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
        var main: UnsafeMutablePointer<sqlite3_file>?
        guard let connection = db.sqliteConnection,
            sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &main) == SQLITE_OK,
            let main, main.pointee.pMethods == SealedFile.methods
        else { return nil }
        file = SealedFile.handle(main)
        guard file.pointee.isSealed, file.pointee.pageBytes > 0 else { return nil }
        self.path = path
    }

    /// 0 when it cannot be known.
    var bytes: Int64 {
        let inner = VFSLayer.file(file)
        var size: sqlite3_int64 = 0
        return inner.methods.xFileSize(inner, &size) == SQLITE_OK ? size : 0
    }

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
            let inner = VFSLayer.file(file)
            let place = Int64(number - 1) * Int64(page.count)
            let status = inner.methods.xRead(inner, page.baseAddress, Int32(clamping: page.count), place)
            guard status == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: status)) }
            verdict = PageSeal.verdict(of: UnsafeRawBufferPointer(page), number: number)
        }
        return verdict
    }
}

extension SQLiteStore {
    /// What an opening found out about the seals.
    enum Seals {
        case whole
        /// The store is too large to wait for.
        case unchecked
        /// Some or all pages have none.
        case missing
    }

    /// Looks at the seals of all pages, or, of a large store, only at the page that was found damaged before.
    ///
    /// - Throws: ``StoreError`` `damaged`.
    static func checkSeals(_ db: Database, path: String) throws -> Seals {
        guard var check = PageCheck(db, path: path) else { return .missing }
        let mark = DamageMark(store: path)
        if let marked = mark.page {
            if marked >= 1, marked <= check.pages { try check.look(at: [marked]) }
            mark.remove()
        }
        guard check.bytes <= Limits.bytesCheckedAtOpening else { return .unchecked }
        if check.pages > 0 { try check.look(at: 1...check.pages) }
        return check.unsealed == 0 ? .whole : .missing
    }

    /// Looks, beside the work, at all pages that the opening did not; at ``Limits/checkedPages`` a ``Limits/checkPause``.
    /// Damage raises the alarm.
    func checkPages() async {
        guard !isChecked else { return }
        var next: UInt32 = 1
        while !Task.isCancelled {
            do {
                let first = next
                let reached = try await pool.read { [path] db -> UInt32? in
                    guard var check = PageCheck(db, path: path), first <= check.pages else { return nil }
                    let last = min(check.pages, first + Limits.checkedPages - 1)
                    try check.look(at: first...last)
                    return last
                }
                guard let reached else { return }
                next = reached + 1
                try await Task.sleep(for: Limits.checkPause)
            } catch {
                // Whatever else it is, the work meets it too, and says so.
                if let damage = error as? StoreError { notice(damage) }
                return
            }
        }
    }
}
