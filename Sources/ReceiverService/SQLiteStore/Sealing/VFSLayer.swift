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

    /// The file below a layer's file. SQLite calls no method without its file.
    static func file(_ file: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<sqlite3_file> {
        guard let file else { preconditionFailure("a method of no file") }
        return (file + headerBytes).assumingMemoryBound(to: sqlite3_file.self)
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
        if status != SQLITE_OK, inner.pointee.pMethods != nil { _ = inner.methods.xClose(inner) }
        return status
    }

    // MARK: - Methods

    /// Functions that do what the file below does. Version 2: shared memory, but no memory map, which would show pages
    /// without their being read.
    static func passingOn() -> sqlite3_io_methods {
        var table = sqlite3_io_methods()
        table.iVersion = 2
        table.xClose = { VFSLayer.file($0).methods.xClose(VFSLayer.file($0)) }
        table.xRead = { VFSLayer.file($0).methods.xRead(VFSLayer.file($0), $1, $2, $3) }
        table.xWrite = { VFSLayer.file($0).methods.xWrite(VFSLayer.file($0), $1, $2, $3) }
        table.xSync = { VFSLayer.file($0).methods.xSync(VFSLayer.file($0), $1) }
        table.xTruncate = { VFSLayer.file($0).methods.xTruncate(VFSLayer.file($0), $1) }
        table.xFileSize = { VFSLayer.file($0).methods.xFileSize(VFSLayer.file($0), $1) }
        table.xFileControl = { VFSLayer.file($0).methods.xFileControl(VFSLayer.file($0), $1, $2) }
        table.xSectorSize = { VFSLayer.file($0).methods.xSectorSize(VFSLayer.file($0)) }
        table.xDeviceCharacteristics = { VFSLayer.file($0).methods.xDeviceCharacteristics(VFSLayer.file($0)) }
        table.xLock = { VFSLayer.file($0).methods.xLock(VFSLayer.file($0), $1) }
        table.xUnlock = { VFSLayer.file($0).methods.xUnlock(VFSLayer.file($0), $1) }
        table.xCheckReservedLock = { VFSLayer.file($0).methods.xCheckReservedLock(VFSLayer.file($0), $1) }
        // Of a store's file only, which has these on every system.
        table.xShmMap = { VFSLayer.file($0).methods.xShmMap(VFSLayer.file($0), $1, $2, $3, $4) }
        table.xShmLock = { VFSLayer.file($0).methods.xShmLock(VFSLayer.file($0), $1, $2, $3) }
        table.xShmBarrier = { VFSLayer.file($0).methods.xShmBarrier(VFSLayer.file($0)) }
        table.xShmUnmap = { VFSLayer.file($0).methods.xShmUnmap?(VFSLayer.file($0), $1) ?? SQLITE_OK }
        return table
    }

    /// A table that SQLite can keep the address of.
    static func permanent(_ table: sqlite3_io_methods) -> UnsafePointer<sqlite3_io_methods> {
        let place = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        place.initialize(to: table)
        return UnsafePointer(place)
    }
}

extension UnsafeMutablePointer<sqlite3_file> {
    /// What an open file can do.
    @inline(__always)
    var methods: sqlite3_io_methods { pointee.pMethods.pointee }
}
