/// A place on a wall: the order is by time, then by id. Its text is `<milliseconds>-<64 hex digits>`.
package struct Cursor: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Milliseconds since 1970: the author's time, or for a 2011 message when it was first seen. 0 to 2^53.
    package let time: Int64
    package let id: MessageID

    package init(time: Int64, id: MessageID) {
        self.time = time
        self.id = id
    }

    /// - Parameter text: as ``description`` writes it, in that spelling only; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= 20 + 1 + 64, let dash = text.utf8.firstIndex(of: UInt8(ascii: "-")),
            let time = DecimalText.milliseconds(text.utf8[..<dash]),
            let id = MessageID(hex: String(text[text.utf8.index(after: dash)...]))
        else { return nil }
        self.init(time: time, id: id)
    }

    package var description: String { "\(time)-\(id.hex)" }

    package static func < (a: Self, b: Self) -> Bool {
        a.time == b.time ? a.id < b.id : a.time < b.time
    }
}

/// Decimal numbers in their one spelling.
enum DecimalText {
    /// 0 to 2^53 without sign, leading zeros or other characters; nil for anything else.
    static func milliseconds(_ digits: some Collection<UInt8>) -> Int64? {
        // 2^53 has 16 digits, so nothing overflows below.
        guard let first = digits.first, digits.count <= 16 else { return nil }
        guard first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value <= MessageLimits.greatestAt ? value : nil
    }
}
