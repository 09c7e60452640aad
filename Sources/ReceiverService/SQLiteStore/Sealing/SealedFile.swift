import GRDBSQLite
import Glibc

/// A store's file, or its write-ahead log, as SQLite has it open through ``SealVFS``. The base's own file follows in the
/// same piece of memory.
///
/// SQLite uses a file on one thread at a time.
struct SealedFile {
    /// What SQLite sees of it; must be first.
    private var file = sqlite3_file()
    private var isLog = false
    /// Whether the pages have seals. Learnt from the first page, when that is read or written.
    private(set) var isSealed = false
    /// 0 until it is known.
    private(set) var pageBytes = 0
    /// Frames were written to the log and not yet synced: inside a transaction SQLite may change such a frame, and makes
    /// the checksums of those that follow right only at its end.
    private var isUnsynced = false
    /// One page with its seal, on its way to the file. SQLite's own copy is not ours to change.
    private var outgoing: UnsafeMutableRawPointer?
    /// Seals are not looked at: ``SealVFS/trusted``.
    private var isTrusted = false
    /// The store's path, for reports; made with `strdup`.
    private var path: UnsafeMutablePointer<CChar>?

    typealias Handle = UnsafeMutablePointer<SealedFile>

    /// SQLite's own page numbers have 31 bits; a page has at least 512 bytes.
    private static let leastPageBytes = 512

    /// `SQLITE_IOERR_DATA`, which Swift does not see: SQLite's own code for what a checksum finds.
    private static let damaged = SQLITE_IOERR | (32 << 8)

    static func handle(_ file: UnsafeMutableRawPointer) -> Handle { file.assumingMemoryBound(to: SealedFile.self) }

    /// The functions that SQLite calls.
    // nonisolated(unsafe) because it is made once and never changed; SQLite wants its address.
    nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        var table = VFSLayer.passingOn()
        table.xClose = { file in file.map { SealedFile.close($0) } ?? SQLITE_IOERR }
        table.xRead = { file, buffer, amount, offset in
            guard let file, let buffer else { return SQLITE_IOERR }
            return SealedFile.read(file, buffer, amount, offset)
        }
        table.xWrite = { file, buffer, amount, offset in
            guard let file, let buffer else { return SQLITE_IOERR }
            return SealedFile.write(file, buffer, amount, offset)
        }
        table.xSync = { file, flags in file.map { SealedFile.sync($0, flags) } ?? SQLITE_IOERR }
        table.xDeviceCharacteristics = { file in
            // A part of a page has no seal (SQLITE_IOCAP_SUBPAGE_READ, of SQLite 3.46 and later), and a batch of writes
            // (SQLITE_IOCAP_BATCH_ATOMIC) is more than this layer knows.
            let subpageRead: Int32 = 0x8000
            return VFSLayer.file(file).methods.xDeviceCharacteristics(VFSLayer.file(file))
                & ~(SQLITE_IOCAP_BATCH_ATOMIC | subpageRead)
        }
        return VFSLayer.permanent(table)
    }()

    // MARK: - Opening and closing

    static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>, _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>, _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        // Journals and temporary files are the base's alone.
        guard let name, flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL) != 0 else {
            let base = VFSLayer.base(of: vfs)
            return base.pointee.xOpen(base, name, file, flags, outFlags)
        }
        let status = VFSLayer.openBelow(vfs, name, file, flags, outFlags)
        guard status == SQLITE_OK else { return status }
        let inner = VFSLayer.file(file)
        let handle = handle(file)
        handle.initialize(to: SealedFile())
        handle.pointee.isLog = flags & SQLITE_OPEN_WAL != 0
        handle.pointee.path = strdup(name)
        handle.pointee.file.pMethods = methods
        if !handle.pointee.isLog {
            handle.pointee.isTrusted = SealVFS.trusted.contains(String(cString: name))
            handle.pointee.lookAtHeader(inner)
        }
        return SQLITE_OK
    }

    private mutating func lookAtHeader(_ inner: UnsafeMutablePointer<sqlite3_file>) {
        var size: sqlite3_int64 = 0
        _ = inner.methods.xFileSize(inner, &size)
        guard size > 0 else {
            isSealed = path.map { SealVFS.expected.contains(String(cString: $0)) } ?? false
            return
        }
        withUnsafeTemporaryAllocation(byteCount: StoreHeader.bytes, alignment: 8) { bytes in
            guard let start = bytes.baseAddress,
                inner.methods.xRead(inner, start, Int32(StoreHeader.bytes), 0) == SQLITE_OK
            else { return }
            learn(UnsafeRawBufferPointer(bytes))
        }
    }

    private mutating func learn(_ header: UnsafeRawBufferPointer) {
        guard let header = StoreHeader(header), header.isOurs, header.reservedBytes == PageSeal.bytes else { return }
        isSealed = true
        pageBytes = header.pageBytes
    }

    static func close(_ file: UnsafeMutableRawPointer) -> Int32 {
        let inner = VFSLayer.file(file)
        let status = inner.methods.xClose(inner)
        free(handle(file).pointee.outgoing)
        free(handle(file).pointee.path)
        handle(file).deinitialize(count: 1)
        return status
    }

    // MARK: - Reading and writing

    static func read(
        _ file: UnsafeMutableRawPointer, _ buffer: UnsafeMutableRawPointer, _ amount: Int32, _ offset: Int64
    ) -> Int32 {
        let inner = VFSLayer.file(file)
        let status = inner.methods.xRead(inner, buffer, amount, offset)
        guard status == SQLITE_OK else { return status }
        let bytes = UnsafeMutableRawBufferPointer(start: buffer, count: Int(amount))
        return handle(file).pointee.didRead(inner, bytes, at: offset)
    }

    private mutating func didRead(
        _ inner: UnsafeMutablePointer<sqlite3_file>, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int64
    ) -> Int32 {
        if isLog {
            guard !isUnsynced, Self.canBePage(bytes.count),
                LogFrame(inner, page: UnsafeRawBufferPointer(bytes), at: offset)?.isIntact == false
            else { return SQLITE_OK }
            report(.log)
            return Self.damaged
        }
        if offset == 0, bytes.count >= StoreHeader.bytes { learn(UnsafeRawBufferPointer(bytes)) }
        guard let number = pageNumber(bytes.count, offset) else { return SQLITE_OK }
        guard isTrusted || PageSeal.verdict(of: UnsafeRawBufferPointer(bytes), number: number) != .damaged else {
            report(.page(number))
            return Self.damaged
        }
        for index in bytes.count - PageSeal.bytes..<bytes.count { bytes[index] = 0 }
        return SQLITE_OK
    }

    static func write(
        _ file: UnsafeMutableRawPointer, _ buffer: UnsafeRawPointer, _ amount: Int32, _ offset: Int64
    ) -> Int32 {
        let inner = VFSLayer.file(file)
        let bytes = UnsafeRawBufferPointer(start: buffer, count: Int(amount))
        let sealed = handle(file).pointee.willWrite(bytes, at: offset)
        return inner.methods.xWrite(inner, sealed ?? buffer, amount, offset)
    }

    /// - Returns: what is to be written instead; nil: the bytes as they are.
    private mutating func willWrite(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> UnsafeRawPointer? {
        guard !isLog else {
            isUnsynced = true
            return nil
        }
        if offset == 0, bytes.count >= StoreHeader.bytes { learn(bytes) }
        guard let number = pageNumber(bytes.count, offset), let start = bytes.baseAddress else { return nil }
        guard let page = outgoing ?? malloc(bytes.count) else { return nil }
        outgoing = page
        page.copyMemory(from: start, byteCount: bytes.count)
        let seal = PageSeal.seal(of: bytes, number: number).littleEndian
        page.storeBytes(of: seal, toByteOffset: bytes.count - PageSeal.bytes, as: UInt64.self)
        return UnsafeRawPointer(page)
    }

    static func sync(_ file: UnsafeMutableRawPointer, _ flags: Int32) -> Int32 {
        let inner = VFSLayer.file(file)
        let status = inner.methods.xSync(inner, flags)
        if status == SQLITE_OK { handle(file).pointee.isUnsynced = false }
        return status
    }

    /// The number of the page that these bytes are; nil where they are not one page, or pages have no seals.
    private mutating func pageNumber(_ count: Int, _ offset: Int64) -> UInt32? {
        guard isSealed else { return nil }
        if pageBytes == 0, Self.canBePage(count) { pageBytes = count }
        guard count == pageBytes, offset % Int64(count) == 0 else { return nil }
        return UInt32(clamping: offset / Int64(count) + 1)
    }

    private static func canBePage(_ count: Int) -> Bool {
        count >= leastPageBytes && count.nonzeroBitCount == 1
    }

    private func report(_ place: Damage.Place) {
        guard let path else { return }
        var name = String(cString: path)
        if isLog, name.hasSuffix("-wal") { name.removeLast(4) }
        Damage.note(place, of: name)
    }
}
