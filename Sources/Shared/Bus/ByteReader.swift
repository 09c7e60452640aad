/// Why a frame could not be read. It names what is hurt: this one frame; the connection goes on.
package enum BusDecodeError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated
    case tooLong(limit: Int)
    case malformed(String)
    case notOurs
    case unknownVersion(UInt8)
    case unknownKind(UInt8)

    package var description: String {
        switch self {
        case .truncated: "the frame ends too early"
        case .tooLong(let limit): "a field is longer than \(limit)"
        case .malformed(let what): "\(what) is malformed"
        case .notOurs: "this is not a p2pmsg frame"
        case .unknownVersion(let version):
            "version \(version) of the bus is not spoken here (this is version \(BusMessage.version)); upgrade the older side"
        case .unknownKind(let kind): "there is no message kind \(kind) in version \(BusMessage.version) of the bus"
        }
    }
}

/// Reads what ``ByteWriter`` wrote. Foreign bytes are data: every length is checked before anything is allocated.
struct ByteReader {
    private let bytes: [UInt8]
    private var offset: Int
    let trustsStores: Bool

    /// - Parameter offset: where to begin, at most the number of bytes.
    init(_ bytes: [UInt8], from offset: Int = 0, trustsStores: Bool = false) {
        self.trustsStores = trustsStores
        self.bytes = bytes
        self.offset = offset
    }

    var remaining: Int { bytes.count - offset }

    mutating func integer<I: FixedWidthInteger>(_: I.Type = I.self) throws(BusDecodeError) -> I {
        let width = I.bitWidth / 8
        guard remaining >= width else { throw .truncated }
        var value: I = 0
        for index in offset..<offset + width { value = (value << 8) | I(truncatingIfNeeded: bytes[index]) }
        offset += width
        return value
    }

    mutating func flag() throws(BusDecodeError) -> Bool {
        try integer(UInt8.self) != 0
    }

    mutating func fixed(_ count: Int) throws(BusDecodeError) -> ArraySlice<UInt8> {
        guard remaining >= count else { throw .truncated }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func blob(limit: Int = BusLimits.frameBytes) throws(BusDecodeError) -> ArraySlice<UInt8> {
        let count = Int(try integer(UInt32.self))
        guard count <= limit else { throw .tooLong(limit: limit) }
        return try fixed(count)
    }

    mutating func text(limit: Int = BusLimits.textBytes) throws(BusDecodeError) -> String {
        guard let text = String(validating: try blob(limit: limit), as: UTF8.self) else { throw .malformed("a text") }
        return text
    }

    mutating func optional<Value>(
        _ body: (inout ByteReader) throws(BusDecodeError) -> Value
    ) throws(BusDecodeError) -> Value? {
        try flag() ? try body(&self) : nil
    }

    mutating func list<Element>(
        limit: Int, _ body: (inout ByteReader) throws(BusDecodeError) -> Element
    ) throws(BusDecodeError) -> [Element] {
        let count = Int(try integer(UInt32.self))
        guard count <= limit else { throw .tooLong(limit: limit) }
        var list: [Element] = []
        for _ in 0..<count { list.append(try body(&self)) }
        return list
    }

    func end() throws(BusDecodeError) {
        guard remaining == 0 else { throw .malformed("the end of the frame") }
    }
}
