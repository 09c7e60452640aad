import Foundation
import StoreConformance

@testable import SQLiteStore

/// A store's file to be damaged on purpose.
struct DamagedFile {
    static let pageBytes = 4_096

    let path: String

    init(_ path: String) { self.path = path }

    var bytes: [UInt8] { get throws { [UInt8](try Data(contentsOf: URL(filePath: path))) } }

    var pages: Int { get throws { try bytes.count / Self.pageBytes } }

    /// Flips one bit in place: whoever has the file open sees it.
    func flip(bit: Int) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(bit / 8))
        guard var byte = try file.read(upToCount: 1)?.first else { throw CocoaError(.fileReadUnknown) }
        byte ^= 1 << UInt8(bit % 8)
        try file.seek(toOffset: UInt64(bit / 8))
        try file.write(contentsOf: [byte])
    }

    /// Flips one random bit of a page, counted from 1.
    func flip(page: Int, using random: inout SeededRandom) throws {
        try flip(bit: ((page - 1) * Self.pageBytes) * 8 + Int.random(in: 0..<Self.pageBytes * 8, using: &random))
    }
}
