import GRDBSQLite

extension SealedFile {
    /// The functions that SQLite calls. Version 2: shared memory, but no memory map, which would show pages without
    /// their being read.
    // nonisolated(unsafe) because it is made once and never changed; SQLite wants its address.
    nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        var table = sqlite3_io_methods()
        table.iVersion = 2
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
        passFileOn(&table)
        passLocksOn(&table)
        passSharedMemoryOn(&table)
        let place = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        place.initialize(to: table)
        return UnsafePointer(place)
    }()

    private static func passFileOn(_ table: inout sqlite3_io_methods) {
        table.xTruncate = { file, size in
            guard let inner = file.map({ SealedFile.base($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xTruncate(inner, size)
        }
        table.xFileSize = { file, size in
            guard let inner = file.map({ SealedFile.base($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xFileSize(inner, size)
        }
        table.xFileControl = { file, operation, argument in
            guard let inner = file.map({ SealedFile.base($0) }) else { return SQLITE_NOTFOUND }
            return inner.pointee.pMethods.pointee.xFileControl(inner, operation, argument)
        }
        table.xSectorSize = { file in
            guard let inner = file.map({ SealedFile.base($0) }) else { return 0 }
            return inner.pointee.pMethods.pointee.xSectorSize(inner)
        }
        table.xDeviceCharacteristics = { file in
            guard let inner = file.map({ SealedFile.base($0) }) else { return 0 }
            // A part of a page has no seal (SQLITE_IOCAP_SUBPAGE_READ, of SQLite 3.46 and later), and a batch of writes
            // (SQLITE_IOCAP_BATCH_ATOMIC) is more than this layer knows.
            let subpageRead: Int32 = 0x0000_8000
            return inner.pointee.pMethods.pointee.xDeviceCharacteristics(inner)
                & ~(SQLITE_IOCAP_BATCH_ATOMIC | subpageRead)
        }
    }

    private static func passLocksOn(_ table: inout sqlite3_io_methods) {
        table.xLock = { file, level in
            guard let inner = file.map({ SealedFile.base($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xLock(inner, level)
        }
        table.xUnlock = { file, level in
            guard let inner = file.map({ SealedFile.base($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xUnlock(inner, level)
        }
        table.xCheckReservedLock = { file, result in
            guard let inner = file.map({ SealedFile.base($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xCheckReservedLock(inner, result)
        }
    }

    private static func passSharedMemoryOn(_ table: inout sqlite3_io_methods) {
        table.xShmMap = { file, region, size, extend, result in
            guard let inner = file.map({ SealedFile.base($0) }), let map = inner.pointee.pMethods.pointee.xShmMap
            else { return SQLITE_IOERR }
            return map(inner, region, size, extend, result)
        }
        table.xShmLock = { file, offset, count, flags in
            guard let inner = file.map({ SealedFile.base($0) }), let lock = inner.pointee.pMethods.pointee.xShmLock
            else { return SQLITE_IOERR }
            return lock(inner, offset, count, flags)
        }
        table.xShmBarrier = { file in
            guard let inner = file.map({ SealedFile.base($0) }) else { return }
            inner.pointee.pMethods.pointee.xShmBarrier?(inner)
        }
        table.xShmUnmap = { file, deletes in
            guard let inner = file.map({ SealedFile.base($0) }), let unmap = inner.pointee.pMethods.pointee.xShmUnmap
            else { return SQLITE_OK }
            return unmap(inner, deletes)
        }
    }
}
