import Glibc
import ReceiverStore

/// Every page image of a store: those of its file, then those of its write-ahead log. Nothing is written, nothing is
/// locked, and no structure is trusted beyond the size of a page.
struct PageSource {
    /// Bytes of a page that SQLite makes by default; what a header that makes no sense is taken for.
    static let usualPageBytes = 4_096

    /// Page images in one read: 1 MiB of the usual size.
    private static let pagesInRead = 256

    let path: String
    let pageBytes: Int
    /// Whether it begins as a database of SQLite does.
    let isDatabase: Bool

    /// - Throws: ``StoreError`` where the file cannot be read.
    init(path: String) throws(StoreError) {
        self.path = path
        let header = try Self.beginning(of: path, bytes: 24)
        pageBytes = Self.pageBytes(header)
        isDatabase = header.starts(with: Array("SQLite format 3\0".utf8))
    }

    /// Calls the body with each page of the file and its number, counted from 1, or with each page image in the
    /// write-ahead log, from wherever in its history. A last one that is cut off is filled up with zeros.
    func each(inLog: Bool, _ body: (UInt32, UnsafeRawBufferPointer) throws -> Void) throws(StoreError) {
        let path = inLog ? path + "-wal" : path
        if inLog, access(path, F_OK) != 0 { return }
        let start = inLog ? Int(LogFrame.logHeaderBytes) : 0
        let skipping = inLog ? Int(LogFrame.headerBytes) : 0
        let stride = skipping + pageBytes
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
                        try body(
                            UInt32(clamping: index + image + 1),
                            UnsafeRawBufferPointer(rebasing: bytes[begin..<(image + 1) * stride]))
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

    /// The first bytes of a file, as many as it has.
    static func beginning(of path: String, bytes: Int) throws(StoreError) -> [UInt8] {
        try reading(path) { descriptor in
            var buffer = [UInt8](repeating: 0, count: bytes)
            let count = try read(descriptor, into: &buffer, at: 0, path: path)
            return Array(buffer.prefix(count))
        }
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
