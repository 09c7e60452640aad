import GRDBSQLite

extension SealedFile {
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
            guard let inner = file.map({ VFSLayer.file($0) }) else { return 0 }
            // A part of a page has no seal (SQLITE_IOCAP_SUBPAGE_READ, of SQLite 3.46 and later), and a batch of writes
            // (SQLITE_IOCAP_BATCH_ATOMIC) is more than this layer knows.
            let subpageRead: Int32 = 0x0000_8000
            return inner.pointee.pMethods.pointee.xDeviceCharacteristics(inner)
                & ~(SQLITE_IOCAP_BATCH_ATOMIC | subpageRead)
        }
        return VFSLayer.permanent(table)
    }()
}
