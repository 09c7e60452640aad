extension JSONReader {
    /// Reads a number by the grammar of RFC 8259 and keeps its spelling.
    mutating func number() throws(TelexError) -> JSONText {
        let start = position
        if try peek() == ASCII.minus { position += 1 }
        if try peek() == ASCII.zero {
            position += 1
        } else {
            try digits()
        }
        if position < bytes.count, bytes[position] == ASCII.dot {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = try peek()
            if sign == ASCII.plus || sign == ASCII.minus { position += 1 }
            try digits()
        }
        return JSONText(UnsafeBufferPointer(rebasing: bytes[start..<position]))
    }

    private mutating func digits() throws(TelexError) {
        guard ASCII.isDigit(try peek()) else { throw .malformed }
        while position < bytes.count, ASCII.isDigit(bytes[position]) { position += 1 }
    }
}

extension JSONText {
    /// The integer that the text spells: an optional minus and digits without leading zeros, nothing else. Integers
    /// beyond ±2⁶² are read as ±2⁶², far outside every range that a header has.
    var integer: Int? {
        let isNegative = bytes.first == ASCII.minus
        let start = isNegative ? 1 : 0
        guard start < bytes.count, bytes[start] != ASCII.zero || start + 1 == bytes.count else { return nil }
        let bound = 1 << 62
        var magnitude = 0
        for index in start..<bytes.count {
            guard ASCII.isDigit(bytes[index]) else { return nil }
            let digit = Int(bytes[index] - ASCII.zero)
            magnitude = magnitude >= bound / 10 ? bound : magnitude * 10 + digit
        }
        return isNegative ? -magnitude : magnitude
    }
}
