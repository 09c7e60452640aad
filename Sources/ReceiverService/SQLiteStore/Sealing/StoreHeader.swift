/// The first 100 bytes of a store's file ("The Database File Format", sqlite.org/fileformat2.html, section 1.3).
struct StoreHeader {
    static let bytes = 100
    static let userVersionOffset = 60
    /// "p2pm": marks our databases in the field that SQLite has for this purpose.
    static let applicationID: UInt32 = 0x7032_706D

    private static let magic = Array("SQLite format 3\0".utf8)

    let pageBytes: Int
    let reservedBytes: Int
    /// Pages of the database when this header was written.
    let pages: UInt32
    let userVersion: UInt32
    let isOurs: Bool

    /// - Parameter header: at least 100 bytes.
    /// - Returns: nil for what is no SQLite database.
    init?(_ header: UnsafeRawBufferPointer) {
        guard header.count >= Self.bytes, header.starts(with: Self.magic) else { return nil }
        func word(_ offset: Int) -> UInt32 {
            UInt32(bigEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        pageBytes = PageSource.pageBytes(Array(header.prefix(24)))
        reservedBytes = Int(header[PageSeal.reservedOffset])
        pages = word(28)
        userVersion = word(Self.userVersionOffset)
        isOurs = word(68) == Self.applicationID
    }
}
