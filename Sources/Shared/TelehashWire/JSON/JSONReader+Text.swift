extension JSONReader {
    /// Reads the text whose opening quote is at the position.
    mutating func text() throws(TelexError) -> JSONText {
        try expect(ASCII.quote)
        expecting = .endOfText
        let start = position
        position = JSONText.endOfPlainRun(in: bytes, from: start)
        guard try peek() == ASCII.quote else { return try unescapedText(from: start) }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
        position += 1
        return JSONText(text)
    }

    /// The slow path: the text from `start` holds escapes, the first of which is at the position.
    private mutating func unescapedText(from start: Int) throws(TelexError) -> JSONText {
        if scratch.baseAddress == nil { scratch = .allocate(capacity: bytes.count) }
        let scratchStart = scratchUsed
        copy(start..<position)
        while true {
            switch try peek() {
            case ASCII.quote:
                position += 1
                let text = scratch[scratchStart..<scratchUsed]
                return JSONText(UnsafeBufferPointer(UnsafeMutableBufferPointer(rebasing: text)), hadEscapes: true)
            case ASCII.backslash:
                position += 1
                try unescape()
            default:
                expecting = .escapedControl
                throw .malformed
            }
            let runStart = position
            position = JSONText.endOfPlainRun(in: bytes, from: runStart)
            copy(runStart..<position)
        }
    }

    private mutating func unescape() throws(TelexError) {
        let byte = try peek()
        position += 1
        switch byte {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"): put(byte)
        case UInt8(ascii: "b"): put(8)
        case UInt8(ascii: "f"): put(12)
        case UInt8(ascii: "n"): put(ASCII.newline)
        case UInt8(ascii: "r"): put(ASCII.carriageReturn)
        case UInt8(ascii: "t"): put(ASCII.tab)
        case UInt8(ascii: "u"): put(try escapedScalar())
        default:
            expecting = .knownEscape
            throw .malformed
        }
    }

    /// The scalar whose four hex digits are at the position; both halves when it is a surrogate pair.
    private mutating func escapedScalar() throws(TelexError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        // Every value of four digits is a scalar, save the surrogates.
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard try peek() == ASCII.backslash else { throw .loneSurrogate }
        position += 1
        guard try peek() == UInt8(ascii: "u") else { throw .loneSurrogate }
        position += 1
        let second = try fourHexDigits()
        guard first < 0xdc00, (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff))
        else { throw .loneSurrogate }
        return scalar
    }

    private mutating func fourHexDigits() throws(TelexError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let nibble = Hex.value(of: try peek(), anyCase: true) else {
                expecting = .hexDigits
                throw .malformed
            }
            value = value << 4 | UInt32(nibble)
            position += 1
        }
        return value
    }

    // MARK: Scratch

    // What is put is never longer than what was read for it, so the scratch, as large as the datagram, never fills up.
    // The guards are there because a release build does not check the subscripts of pointers.

    private mutating func put(_ byte: UInt8) {
        guard scratchUsed < scratch.count else { return }
        scratch[scratchUsed] = byte
        scratchUsed += 1
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        for byte in scalar.utf8 { put(byte) }
    }

    private mutating func copy(_ range: Range<Int>) {
        guard scratchUsed + range.count <= scratch.count else { return }
        let room = UnsafeMutableBufferPointer(rebasing: scratch[scratchUsed..<(scratchUsed + range.count)])
        _ = room.update(fromContentsOf: bytes[range])
        scratchUsed += range.count
    }
}
