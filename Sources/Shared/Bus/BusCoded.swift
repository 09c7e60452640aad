/// What can be a field of a bus frame: read from bytes and written as the same bytes.
protocol BusCoded: SendableMetatype {
    init(reading body: inout ByteReader) throws(BusDecodeError)
    func write(to body: inout ByteWriter)
}

/// What comes in lists, of which the reader believes no more than this many.
protocol BusListed: BusCoded {
    static var listLimit: Int { get }
}

/// Something whose fields follow each other. What every message passes through says them twice instead, once for reading
/// and once for writing: key paths and packs are not specialized, and took a tenth of a node's throughput.
protocol BusRecord: BusCoded {
    static var fields: Fields<Self> { get }
}

extension BusRecord {
    init(reading body: inout ByteReader) throws(BusDecodeError) { self = try Self.fields.read(&body) }

    func write(to body: inout ByteWriter) { Self.fields.write(self, &body) }
}

/// The fields of a record in the order in which they travel: said once, for reading and writing.
struct Fields<Record>: Sendable {
    let read: @Sendable (inout ByteReader) throws(BusDecodeError) -> Record
    let write: @Sendable (Record, inout ByteWriter) -> Void

    /// - Parameter make: puts together what the paths take apart.
    init<each Field: BusCoded>(
        _ make: @escaping @Sendable (repeat each Field) throws(BusDecodeError) -> Record,
        _ paths: repeat any KeyPath<Record, each Field> & Sendable
    ) {
        read = { (body) throws(BusDecodeError) in try make(repeat try (each Field)(reading: &body)) }
        write = { record, body in repeat record[keyPath: each paths].write(to: &body) }
    }
}

/// Big-endian.
protocol BusInteger: BusCoded, FixedWidthInteger {}

extension BusInteger {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self = try body.fixed(Self.bitWidth / 8).reduce(0) { ($0 << 8) | Self(truncatingIfNeeded: $1) }
    }

    func write(to body: inout ByteWriter) {
        withUnsafeBytes(of: bigEndian) { body.write(fixed: $0) }
    }
}

extension UInt8: BusInteger, BusListed {
    static var listLimit: Int { BusLimits.textBytes }
}
extension UInt16: BusInteger {}
extension UInt32: BusInteger {}
extension UInt64: BusInteger {}
extension Int64: BusInteger {}

extension Int {
    /// As it travels.
    var clamped: UInt32 { UInt32(clamping: self) }
}

extension Bool: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) { self = try body.read(UInt8.self) != 0 }

    func write(to body: inout ByteWriter) { body.write(UInt8(self ? 1 : 0)) }
}

/// UTF-8 behind a 4-byte length.
extension String: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) { self = try body.text() }

    func write(to body: inout ByteWriter) {
        body.write(UInt32(utf8.count))
        body.write(fixed: utf8)
    }
}

/// A text that may be longer than most: a sentence that quotes others.
struct LongText {
    let text: String
}

extension LongText: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        text = try body.text(limit: BusLimits.requestBytes)
    }

    func write(to body: inout ByteWriter) { body.write(text) }
}

extension String {
    var long: LongText { LongText(text: self) }
}

extension Optional: BusCoded where Wrapped: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self = try body.read(Bool.self) ? try body.read(Wrapped.self) : nil
    }

    func write(to body: inout ByteWriter) {
        body.write(self != nil)
        if let self { body.write(self) }
    }
}

/// The elements behind their number.
extension Array: BusCoded where Element: BusListed {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let count = Int(try body.read(UInt32.self))
        guard count <= Element.listLimit else { throw .tooLong(limit: Element.listLimit) }
        self = []
        for _ in 0..<count { append(try body.read(Element.self)) }
    }

    func write(to body: inout ByteWriter) {
        body.write(UInt32(count))
        for element in self { body.write(element) }
    }
}
