import GRDBSQLite
import Glibc

/// A layer between SQLite and its files: an `sqlite3_vfs` whose files lie upon those of another one. A file of the layer
/// is ``VFSLayer/headerBytes`` of its own, with an `sqlite3_file` at the beginning, and the other one's file after them.
enum VFSLayer {
    /// Bytes that a layer has in each file.
    static let headerBytes = 64

    /// What SQLite hands to a layer when it opens a file.
    typealias Open =
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
            UnsafeMutablePointer<Int32>?
        ) -> Int32

    private struct Layer {
        var vfs: sqlite3_vfs
        let base: UnsafeMutablePointer<sqlite3_vfs>
    }

    /// Makes a layer that every connection uses that is opened from now on in this process.
    ///
    /// - Parameter base: the name of the layer below; nil: the present default.
    static func install(over base: String?, as name: String, open: @escaping Open) {
        guard let base = sqlite3_vfs_find(base), let name = strdup(name) else { return }
        // Never freed: SQLite keeps them as long as the process lives.
        let layer = UnsafeMutablePointer<Layer>.allocate(capacity: 1)
        layer.initialize(to: Layer(vfs: base.pointee, base: base))
        // What concerns no open file is the base's own: it finds its data where it left it.
        layer.pointee.vfs.zName = UnsafePointer(name)
        layer.pointee.vfs.pNext = nil
        layer.pointee.vfs.szOsFile = Int32(headerBytes) + base.pointee.szOsFile
        layer.pointee.vfs.xOpen = open
        sqlite3_vfs_register(UnsafeMutableRawPointer(layer).assumingMemoryBound(to: sqlite3_vfs.self), 1)
    }

    /// The layer below an installed one.
    static func base(of vfs: UnsafeMutablePointer<sqlite3_vfs>) -> UnsafeMutablePointer<sqlite3_vfs> {
        UnsafeMutableRawPointer(vfs).assumingMemoryBound(to: Layer.self).pointee.base
    }

    /// The file below a layer's file.
    static func file(_ file: UnsafeMutableRawPointer) -> UnsafeMutablePointer<sqlite3_file> {
        (file + headerBytes).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// Opens the file below a layer's file. Where that fails, SQLite will not close it.
    static func openBelow(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>, _ name: UnsafePointer<CChar>?,
        _ file: UnsafeMutablePointer<sqlite3_file>, _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        file.pointee.pMethods = nil
        let inner = self.file(file)
        inner.pointee.pMethods = nil
        let status = base(of: vfs).pointee.xOpen(base(of: vfs), name, inner, flags, outFlags)
        if status != SQLITE_OK, let methods = inner.pointee.pMethods { _ = methods.pointee.xClose(inner) }
        return status
    }

    // MARK: - Methods

    /// Functions that do what the file below does. Version 2: shared memory, but no memory map, which would show pages
    /// without their being read.
    static func passingOn() -> sqlite3_io_methods {
        var table = sqlite3_io_methods()
        table.iVersion = 2
        passFileOn(&table)
        passLocksOn(&table)
        passSharedMemoryOn(&table)
        return table
    }

    /// A table that SQLite can keep the address of.
    static func permanent(_ table: sqlite3_io_methods) -> UnsafePointer<sqlite3_io_methods> {
        let place = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        place.initialize(to: table)
        return UnsafePointer(place)
    }

    private static func passFileOn(_ table: inout sqlite3_io_methods) {
        table.xClose = { file in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xClose(inner)
        }
        table.xRead = { file, buffer, amount, offset in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xRead(inner, buffer, amount, offset)
        }
        table.xWrite = { file, buffer, amount, offset in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xWrite(inner, buffer, amount, offset)
        }
        table.xSync = { file, flags in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xSync(inner, flags)
        }
        table.xTruncate = { file, size in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xTruncate(inner, size)
        }
        table.xFileSize = { file, size in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xFileSize(inner, size)
        }
        table.xFileControl = { file, operation, argument in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_NOTFOUND }
            return inner.pointee.pMethods.pointee.xFileControl(inner, operation, argument)
        }
        table.xSectorSize = { file in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return 0 }
            return inner.pointee.pMethods.pointee.xSectorSize(inner)
        }
        table.xDeviceCharacteristics = { file in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return 0 }
            return inner.pointee.pMethods.pointee.xDeviceCharacteristics(inner)
        }
    }

    private static func passLocksOn(_ table: inout sqlite3_io_methods) {
        table.xLock = { file, level in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xLock(inner, level)
        }
        table.xUnlock = { file, level in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xUnlock(inner, level)
        }
        table.xCheckReservedLock = { file, result in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return SQLITE_IOERR }
            return inner.pointee.pMethods.pointee.xCheckReservedLock(inner, result)
        }
    }

    private static func passSharedMemoryOn(_ table: inout sqlite3_io_methods) {
        table.xShmMap = { file, region, size, extend, result in
            guard let inner = file.map({ VFSLayer.file($0) }), let map = inner.pointee.pMethods.pointee.xShmMap
            else { return SQLITE_IOERR }
            return map(inner, region, size, extend, result)
        }
        table.xShmLock = { file, offset, count, flags in
            guard let inner = file.map({ VFSLayer.file($0) }), let lock = inner.pointee.pMethods.pointee.xShmLock
            else { return SQLITE_IOERR }
            return lock(inner, offset, count, flags)
        }
        table.xShmBarrier = { file in
            guard let inner = file.map({ VFSLayer.file($0) }) else { return }
            inner.pointee.pMethods.pointee.xShmBarrier?(inner)
        }
        table.xShmUnmap = { file, deletes in
            guard let inner = file.map({ VFSLayer.file($0) }), let unmap = inner.pointee.pMethods.pointee.xShmUnmap
            else { return SQLITE_OK }
            return unmap(inner, deletes)
        }
    }
}
