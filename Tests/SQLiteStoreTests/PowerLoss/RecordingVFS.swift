import GRDBSQLite
import Synchronization

@testable import SQLiteStore

/// A layer below the seals that tells ``RecordedDisk`` what is written, cut off and synced in its directory. Files
/// elsewhere pass through.
enum RecordingVFS {
    private static let disks = Mutex<[RecordedDisk]>([])

    /// From now on connections that are opened in this process have the layer.
    static func register() { isRegistered }

    private static let isRegistered: Void = {
        // Before, so that it does not take its place again.
        SealVFS.register()
        VFSLayer.install(over: "unix", as: "recording") { vfs, name, file, flags, outFlags in
            guard let vfs, let file else { return SQLITE_CANTOPEN }
            guard let name, let disk = RecordingVFS.disk(of: String(cString: name)) else {
                let base = VFSLayer.base(of: vfs)
                return base.pointee.xOpen(base, name, file, flags, outFlags)
            }
            return RecordedFile.open(vfs, name, file, flags, outFlags, disk)
        }
        SealVFS.install(over: "recording", as: "p2pmsg-seal-recording")
    }()

    static func recording<Value>(_ disk: RecordedDisk, _ body: () async throws -> Value) async rethrows -> Value {
        disks.withLock { $0.append(disk) }
        defer { disks.withLock { $0.removeAll { $0 === disk } } }
        return try await body()
    }

    private static func disk(of path: String) -> RecordedDisk? {
        disks.withLock { $0.first { path.hasPrefix($0.directory + "/") } }
    }
}

/// A file of the layer.
private struct RecordedFile {
    private var file = sqlite3_file()
    private var disk: Unmanaged<RecordedDisk>?
    /// Lives as long as the file, as SQLite promises.
    private var name: UnsafePointer<CChar>?

    static func open(
        _ vfs: UnsafeMutablePointer<sqlite3_vfs>, _ name: UnsafePointer<CChar>,
        _ file: UnsafeMutablePointer<sqlite3_file>, _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?,
        _ disk: RecordedDisk
    ) -> Int32 {
        let path = String(cString: name)
        disk.opened(path)
        let status = VFSLayer.openBelow(vfs, name, file, flags, outFlags)
        guard status == SQLITE_OK else { return status }
        let place = UnsafeMutableRawPointer(file).assumingMemoryBound(to: RecordedFile.self)
        place.initialize(to: RecordedFile())
        place.pointee.disk = .passRetained(disk)
        place.pointee.name = name
        place.pointee.file.pMethods = methods
        return SQLITE_OK
    }

    private static func place(_ file: UnsafeMutableRawPointer) -> UnsafeMutablePointer<RecordedFile> {
        file.assumingMemoryBound(to: RecordedFile.self)
    }

    private func tell(_ body: (RecordedDisk, String) -> Void) {
        guard let disk, let name else { return }
        body(disk.takeUnretainedValue(), String(cString: name))
    }

    // nonisolated(unsafe) because it is made once and never changed.
    private nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        var table = VFSLayer.passingOn()
        table.xClose = { file in
            guard let file else { return SQLITE_IOERR }
            let inner = VFSLayer.file(file)
            let status = inner.pointee.pMethods.pointee.xClose(inner)
            RecordedFile.place(file).pointee.disk?.release()
            return status
        }
        table.xWrite = { file, buffer, amount, offset in
            guard let file, let buffer else { return SQLITE_IOERR }
            let inner = VFSLayer.file(file)
            let status = inner.pointee.pMethods.pointee.xWrite(inner, buffer, amount, offset)
            guard status == SQLITE_OK else { return status }
            RecordedFile.place(file).pointee.tell {
                $0.wrote($1, UnsafeRawBufferPointer(start: buffer, count: Int(amount)), at: Int(offset))
            }
            return status
        }
        table.xTruncate = { file, size in
            guard let file else { return SQLITE_IOERR }
            let inner = VFSLayer.file(file)
            let status = inner.pointee.pMethods.pointee.xTruncate(inner, size)
            if status == SQLITE_OK { RecordedFile.place(file).pointee.tell { $0.truncated($1, to: Int(size)) } }
            return status
        }
        table.xSync = { file, flags in
            guard let file else { return SQLITE_IOERR }
            let inner = VFSLayer.file(file)
            let status = inner.pointee.pMethods.pointee.xSync(inner, flags)
            if status == SQLITE_OK { RecordedFile.place(file).pointee.tell { $0.synced($1) } }
            return status
        }
        return VFSLayer.permanent(table)
    }()
}
