/// Makes UTF-8 of what editors and other systems put into text files: a byte order mark goes, UTF-16 (which has one) becomes
/// UTF-8, and so does the Ctrl-Z with which files of DOS end.
///
/// All else stays as it is. What is no text in its encoding becomes the byte FF, which no reader of UTF-8 takes for one.
package struct TextDecoder: Sendable {
    private enum Encoding {
        case unknown
        case utf8
        case utf16(isBigEndian: Bool)
    }

    private var encoding = Encoding.unknown
    /// Bytes that are not understood before more come.
    private var kept: [UInt8] = []
    private var highSurrogate: UInt16?

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let endOfFile: UInt8 = 0x1A
    private static let invalid: UInt8 = 0xFF

    package init() {}

    /// A whole file.
    package static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        var decoder = TextDecoder()
        return decoder.feed(bytes) + decoder.finish()
    }

    /// As much as can be said with this chunk of a stream.
    package mutating func feed(_ chunk: [UInt8]) -> [UInt8] {
        guard !chunk.isEmpty else { return [] }
        let bytes = kept + chunk
        kept = []
        if case .unknown = encoding {
            guard bytes.count >= Self.mark.count || !couldBeMark(bytes) else {
                kept = bytes
                return []
            }
            return begin(with: bytes)
        }
        return decoded(bytes[...])
    }

    /// What was kept back, at the end of the stream.
    package mutating func finish() -> [UInt8] {
        let rest = kept
        kept = []
        if case .unknown = encoding, !rest.isEmpty { return begin(with: rest) + finish() }
        var text: [UInt8] = rest == [Self.endOfFile] ? [] : rest.isEmpty ? [] : [Self.invalid]
        if highSurrogate != nil { text.append(Self.invalid) }
        highSurrogate = nil
        return text
    }

    private func couldBeMark(_ bytes: [UInt8]) -> Bool {
        Self.mark.starts(with: bytes) || bytes == [0xFF] || bytes == [0xFE]
    }

    private mutating func begin(with bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: Self.mark) {
            encoding = .utf8
            return decoded(bytes.dropFirst(3))
        }
        for (mark, isBigEndian) in [([0xFF, 0xFE], false), ([0xFE, 0xFF], true)] as [([UInt8], Bool)]
        where bytes.starts(with: mark) {
            encoding = .utf16(isBigEndian: isBigEndian)
            return decoded(bytes.dropFirst(2))
        }
        encoding = .utf8
        return decoded(bytes[...])
    }

    private mutating func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        if case .utf16(let isBigEndian) = encoding { return utf8(ofUTF16: bytes, isBigEndian: isBigEndian) }
        // Only the last byte of all may be dropped.
        guard bytes.last == Self.endOfFile else { return Array(bytes) }
        kept = [Self.endOfFile]
        return Array(bytes.dropLast())
    }

    private mutating func utf8(ofUTF16 bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var rest = bytes
        while rest.count >= 2 {
            let (first, second) = (UInt16(rest.removeFirst()), UInt16(rest.removeFirst()))
            let unit = isBigEndian ? first << 8 | second : second << 8 | first
            if let high = highSurrogate {
                highSurrogate = nil
                if UTF16.isTrailSurrogate(unit) {
                    let value = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(unit) - 0xDC00)
                    if let scalar = Unicode.Scalar(value) { text += UTF8.encode(scalar).map { Array($0) } ?? [] }
                    continue
                }
                text.append(Self.invalid)
            }
            if UTF16.isLeadSurrogate(unit) {
                highSurrogate = unit
            } else if let scalar = Unicode.Scalar(unit) {
                text += UTF8.encode(scalar).map { Array($0) } ?? []
            } else {
                text.append(Self.invalid)
            }
        }
        kept = Array(rest)
        return text
    }
}
