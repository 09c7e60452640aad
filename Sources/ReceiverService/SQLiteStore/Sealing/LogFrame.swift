import GRDBSQLite

/// One frame of a write-ahead log ("The Database File Format", section 4): a header of 24 bytes and a page. Its checksum
/// goes on from the one before it, so that header is read, too.
struct LogFrame {
    static let logHeaderBytes: Int64 = 32
    static let headerBytes: Int64 = 24

    /// Whether the checksum in the frame's header is that of its content.
    let isIntact: Bool

    /// - Parameters:
    ///   - log: the open log.
    ///   - page: what was read at `offset`.
    /// - Returns: nil where no page of a frame begins there, or the headers cannot be read.
    init?(_ log: UnsafeMutablePointer<sqlite3_file>, page: UnsafeRawBufferPointer, at offset: Int64) {
        let stride = Self.headerBytes + Int64(page.count)
        let start = offset - Self.headerBytes
        guard start >= Self.logHeaderBytes, (start - Self.logHeaderBytes) % stride == 0 else { return nil }
        let isFirst = start == Self.logHeaderBytes
        // The checksum is in the last 8 bytes of both kinds of header.
        guard let magic = Self.read(UInt64.zero, from: log, at: 0),
            let header = Self.read((UInt64.zero, UInt64.zero, UInt64.zero), from: log, at: start),
            let before = Self.read(
                UInt64.zero, from: log, at: isFirst ? Self.logHeaderBytes - 8 : start - stride + 16)
        else { return nil }
        // The magic number's last bit says how words are to be read.
        var sum = LogChecksum(before.bigEndian, isBigEndian: (magic.bigEndian >> 32) & 1 == 1)
        withUnsafeBytes(of: header.0) { sum.add($0) }
        sum.add(page)
        isIntact = sum.value == header.2.bigEndian
    }

    /// Bytes of the log, into a value of their size.
    private static func read<Value: BitwiseCopyable>(
        _ value: Value, from log: UnsafeMutablePointer<sqlite3_file>, at offset: Int64
    ) -> Value? {
        var value = value
        let status = log.methods.xRead(log, &value, Int32(MemoryLayout<Value>.size), offset)
        return status == SQLITE_OK ? value : nil
    }
}

/// The checksum of a write-ahead log: two sums over pairs of 32-bit words.
struct LogChecksum {
    private var first: UInt32
    private var second: UInt32
    private let isBigEndian: Bool

    /// - Parameters:
    ///   - value: where it goes on from.
    ///   - isBigEndian: how the log's words are to be read; its first bytes say so.
    init(_ value: UInt64, isBigEndian: Bool) {
        first = UInt32(truncatingIfNeeded: value >> 32)
        second = UInt32(truncatingIfNeeded: value)
        self.isBigEndian = isBigEndian
    }

    var value: UInt64 { UInt64(first) << 32 | UInt64(second) }

    /// - Parameter bytes: as they lie in the file, a multiple of 8.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var (first, second) = (first, second)
        var index = 0
        while index &+ 8 <= bytes.count {
            let a = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
            let b = bytes.loadUnaligned(fromByteOffset: index &+ 4, as: UInt32.self)
            first = first &+ (isBigEndian ? UInt32(bigEndian: a) : UInt32(littleEndian: a)) &+ second
            second = second &+ (isBigEndian ? UInt32(bigEndian: b) : UInt32(littleEndian: b)) &+ first
            index &+= 8
        }
        (self.first, self.second) = (first, second)
    }
}
