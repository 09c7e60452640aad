import Messages

/// Rows of a store as they lie in the pages of its file ("The Database File Format", sqlite.org/fileformat2.html, section
/// 2.1), read without trust in anything around them.
///
/// A row of ours never needs more than a part of one page, so what lies in the page is the whole row.
enum StoreRecord: Equatable {
    case message(receivedAt: Int64, encoded: [UInt8], id: [UInt8])
    case channel(end: [UInt8], name: String)

    /// The row whose record begins at `start`, which is after the length and the row's number; nil for anything else.
    ///
    /// The first bytes of a record tell whether it can be ours: the length of its header, NULL for the row's number,
    /// which SQLite keeps elsewhere, and a blob of 32 or 20 bytes.
    static func read(_ page: Span<UInt8>, at start: Int) -> StoreRecord? {
        guard start >= 0, start < page.count - 3, page[start + 1] == 0 else { return nil }
        switch page[start + 2] {
        case RecordFields.type(ofBlob: 32): return RecordFields(page, at: start).flatMap { message(page, $0) }
        case RecordFields.type(ofBlob: 20): return RecordFields(page, at: start).flatMap { channel(page, $0) }
        default: return nil
        }
    }

    // position, id, place (before version 9 a time), received_at, channel, author, message; there may be more.
    private static func message(_ page: Span<UInt8>, _ fields: RecordFields) -> StoreRecord? {
        guard fields.all.count >= 7, case .blob(let id) = fields.all[1], case .integer = fields.all[2],
            case .integer(let receivedAt) = fields.all[3], case .integer = fields.all[4],
            case .integer = fields.all[5], case .blob(let encoded) = fields.all[6],
            encoded.count <= MessageLimits.encodedBytes
        else { return nil }
        return .message(receivedAt: receivedAt, encoded: bytes(page, encoded), id: bytes(page, id))
    }

    // channel, end, name, messages.
    private static func channel(_ page: Span<UInt8>, _ fields: RecordFields) -> StoreRecord? {
        guard fields.all.count >= 4, case .blob(let end) = fields.all[1], case .text(let name) = fields.all[2],
            case .integer = fields.all[3], name.count <= MessageLimits.channelBytes,
            let text = String(validating: bytes(page, name), as: UTF8.self)
        else { return nil }
        return .channel(end: bytes(page, end), name: text)
    }

    private static func bytes(_ page: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        page.extracting(range).withUnsafeBufferPointer { [UInt8]($0) }
    }
}

/// The fields of one record: a header with a type for each, then the values.
struct RecordFields {
    enum Field: Equatable {
        case null
        case integer(Int64)
        case real
        case blob(Range<Int>)
        case text(Range<Int>)
    }

    private(set) var all: [Field] = []

    /// No table of ours has more columns; it bounds the work that rubbish can make.
    private static let most = 32

    /// - Returns: nil where the bytes are no record that ends within the page.
    init?(_ page: Span<UInt8>, at start: Int) {
        var place = start
        guard let headerBytes = Self.varint(page, &place), headerBytes <= UInt64(page.count - start) else { return nil }
        let headerEnd = start + Int(headerBytes)
        var value = headerEnd
        while place < headerEnd {
            guard all.count < Self.most, let type = Self.varint(page, &place),
                let field = Self.field(of: type, page, &value)
            else { return nil }
            all.append(field)
        }
        guard place == headerEnd else { return nil }
    }

    static func type(ofBlob bytes: UInt8) -> UInt8 { 12 + 2 * bytes }

    /// A big-endian number of 1 to 9 bytes; the high bit says that another byte follows, the ninth counts whole.
    static func varint(_ page: Span<UInt8>, _ place: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for count in 1...9 {
            guard place >= 0, place < page.count else { return nil }
            let byte = page[place]
            place += 1
            if count == 9 { return value << 8 | UInt64(byte) }
            value = value << 7 | UInt64(byte & 0x7f)
            if byte < 0x80 { return value }
        }
        return value
    }

    private static func field(of type: UInt64, _ page: Span<UInt8>, _ place: inout Int) -> Field? {
        let widths: [Int] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]
        switch type {
        case 0: return .null
        case 7: return take(8, page, &place).map { _ in .real }
        case 1...9:
            guard let range = take(widths[Int(type)], page, &place) else { return nil }
            return .integer(type == 8 ? 0 : type == 9 ? 1 : integer(page, range))
        case 10, 11: return nil
        default:
            let count = (type - 12) / 2
            guard count <= UInt64(page.count), let range = take(Int(count), page, &place) else { return nil }
            return type.isMultiple(of: 2) ? .blob(range) : .text(range)
        }
    }

    private static func take(_ count: Int, _ page: Span<UInt8>, _ place: inout Int) -> Range<Int>? {
        guard place >= 0, place <= page.count, count <= page.count - place else { return nil }
        defer { place += count }
        return place..<place + count
    }

    private static func integer(_ page: Span<UInt8>, _ range: Range<Int>) -> Int64 {
        var value: Int64 = Int8(bitPattern: page[range.lowerBound]) < 0 ? -1 : 0
        for index in range { value = value << 8 | Int64(page[index]) }
        return value
    }
}
