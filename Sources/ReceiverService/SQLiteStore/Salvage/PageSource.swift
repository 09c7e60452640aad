import Glibc
import ReceiverStore

/// Every page image of a store: those of its file, then those of its write-ahead log. Nothing is written, nothing is
/// locked, and no structure is trusted beyond the size of a page.
struct PageSource {
    /// Bytes of a page that SQLite makes by default; what a header that makes no sense is taken for.
    static let usualPageBytes = 4_096

    private static let logHeaderBytes = 32
    private static let frameHeaderBytes = 24
    /// Page images in one read: 1 MiB of the usual size.
    private static let pagesInRead = 256

    let path: String
    let pageBytes: Int
    /// Whether it begins as a database of SQLite does.
    let isDatabase: Bool

    /// - Throws: ``StoreError`` where the file cannot be read.
    init(path: String) throws(StoreError) {
        self.path = path
        let header = try Self.reading(path) { descriptor in
            var header = [UInt8](repeating: 0, count: 24)
            let count = try Self.read(descriptor, into: &header, at: 0, path: path)
            return Array(header.prefix(count))
        }
        pageBytes = Self.pageBytes(header)
        isDatabase = header.starts(with: Array("SQLite format 3\0".utf8))
    }

    /// Calls the body with each page of the file and its number, counted from 1. A last page that is cut off is filled
    /// up with zeros.
    func eachOfFile(_ body: (UInt32, UnsafeRawBufferPointer) throws -> Void) throws(StoreError) {
        try each(of: path, from: 0, stride: pageBytes, skipping: 0) { index, page in
            try body(UInt32(clamping: index + 1), page)
        }
    }

    /// Calls the body with each page image in the write-ahead log, from wherever in its history.
    func eachOfLog(_ body: (UnsafeRawBufferPointer) throws -> Void) throws(StoreError) {
        let log = path + "-wal"
        guard access(log, F_OK) == 0 else { return }
        try each(
            of: log, from: Self.logHeaderBytes, stride: Self.frameHeaderBytes + pageBytes,
            skipping: Self.frameHeaderBytes
        ) { _, page in try body(page) }
    }

    private func each(
        of path: String, from start: Int, stride: Int, skipping: Int,
        _ body: (Int, UnsafeRawBufferPointer) throws -> Void
    ) throws(StoreError) {
        try Self.reading(path) { descriptor in
            var buffer = [UInt8](repeating: 0, count: stride * Self.pagesInRead)
            var index = 0
            while true {
                let count = try Self.read(descriptor, into: &buffer, at: start + index * stride, path: path)
                let images = (count + stride - 1) / stride
                for byte in count..<max(count, images * stride) { buffer[byte] = 0 }
                try buffer.withUnsafeBytes { bytes in
                    for image in 0..<images {
                        let begin = image * stride + skipping
                        try body(index + image, UnsafeRawBufferPointer(rebasing: bytes[begin..<(image + 1) * stride]))
                    }
                }
                index += images
                guard count == buffer.count else { return }
            }
        }
    }

    /// What the header of a database says, where that can be.
    static func pageBytes(_ header: [UInt8]) -> Int {
        guard header.count >= 18 else { return usualPageBytes }
        let word = Int(header[16]) << 8 | Int(header[17])
        let bytes = word == 1 ? 65_536 : word
        return bytes >= 512 && bytes.nonzeroBitCount == 1 ? bytes : usualPageBytes
    }

    private static func reading<Value>(_ path: String, _ body: (Int32) throws -> Value) throws(StoreError) -> Value {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path, errno) }
        defer { close(descriptor) }
        do { return try body(descriptor) } catch { throw StoreError(error, path: path) }
    }

    /// Reads until the buffer is full or the file ends.
    private static func read(
        _ descriptor: Int32, into buffer: inout [UInt8], at offset: Int, path: String
    ) throws(StoreError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = buffer.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled, off_t(offset + filled))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path, errno) }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }
}
