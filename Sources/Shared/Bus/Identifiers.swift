/// 128 random bits that name something for good, written as a UUID (RFC 9562, version 4).
package struct UniqueID: Hashable, Sendable, CustomStringConvertible, BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(high: try body.read(), low: try body.read())
    }

    func write(to body: inout ByteWriter) { body.write(high, low) }

    let high: UInt64
    let low: UInt64

    package init(using random: inout some RandomNumberGenerator) {
        high = (random.next() & ~0xF000) | 0x4000
        low = (random.next() & ~(0xC000_0000_0000_0000)) | 0x8000_0000_0000_0000
    }

    /// - Parameter text: 8-4-4-4-12 hex digits; nil for anything else.
    package init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        let digits = groups.joined()
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package var description: String {
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.utf8.count) + text
        }
        return [
            hex(high >> 32, 8), hex(high >> 16 & 0xFFFF, 4), hex(high & 0xFFFF, 4), hex(low >> 48, 4),
            hex(low & 0xFFFF_FFFF_FFFF, 12),
        ].joined(separator: "-")
    }

    /// Eight hex digits for file names and logs.
    package var short: String { String(description.prefix(8)) }
}

/// A store: kept inside the store's file, so it survives restarts and moves. Receivers with the same one share the work.
package struct StoreID: Hashable, Sendable, CustomStringConvertible, BusListed {
    static let listLimit = BusLimits.requestBytes / 16
    init(reading body: inout ByteReader) throws(BusDecodeError) { self.init(try body.read(UniqueID.self)) }

    func write(to body: inout ByteWriter) { body.write(id) }

    package let id: UniqueID
    package init(_ id: UniqueID) { self.id = id }
    package init?(_ text: String) {
        guard let id = UniqueID(text) else { return nil }
        self.id = id
    }
    package var description: String { id.description }
}

/// One running receiver process; new at every start.
package struct ReceiverID: Hashable, Sendable, CustomStringConvertible, BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) { self.init(try body.read()) }

    func write(to body: inout ByteWriter) { body.write(id) }

    package let id: UniqueID
    package init(_ id: UniqueID) { self.id = id }
    package var description: String { id.description }
}

/// Chosen by whoever asks; the answer carries it back. A resent request keeps its number.
package struct RequestID: Hashable, Sendable, Comparable, BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) { self.init(try body.read()) }

    func write(to body: inout ByteWriter) { body.write(value) }

    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// One lease: one message given to one receiver. Redelivery has a new one.
package struct DeliveryID: Hashable, Sendable, Comparable, BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) { self.init(try body.read()) }

    func write(to body: inout ByteWriter) { body.write(value) }

    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}
