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

/// Reads what ``ByteWriter`` has written. Foreign bytes are data: every length is checked before anything is allocated.
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

    mutating func read<Value: BusCoded>(_: Value.Type = Value.self) throws(BusDecodeError) -> Value {
        try Value(reading: &self)
    }

    mutating func fixed(_ count: Int) throws(BusDecodeError) -> ArraySlice<UInt8> {
        guard remaining >= count else { throw .truncated }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func blob(limit: Int) throws(BusDecodeError) -> ArraySlice<UInt8> {
        let count = Int(try read(UInt32.self))
        guard count <= limit else { throw .tooLong(limit: limit) }
        return try fixed(count)
    }

    mutating func text(limit: Int = BusLimits.textBytes) throws(BusDecodeError) -> String {
        guard let text = String(validating: try blob(limit: limit), as: UTF8.self) else { throw .malformed("a text") }
        return text
    }

    func end() throws(BusDecodeError) {
        guard remaining == 0 else { throw .malformed("the end of the frame") }
    }
}

/// Collects the bytes of one frame.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    /// Most frames hold one message.
    init() { bytes.reserveCapacity(512) }

    mutating func write(_ value: some BusCoded) { value.write(to: &self) }

    mutating func write(_ first: some BusCoded, _ second: some BusCoded) {
        write(first)
        write(second)
    }

    mutating func write(_ first: some BusCoded, _ second: some BusCoded, _ third: some BusCoded) {
        write(first, second)
        write(third)
    }

    /// Bytes whose length both sides know.
    mutating func write(fixed blob: some Sequence<UInt8>) {
        bytes.append(contentsOf: blob)
    }
}
