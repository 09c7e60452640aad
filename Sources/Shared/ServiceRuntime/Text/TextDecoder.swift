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

    private static let marks: [(bytes: [UInt8], encoding: Encoding)] = [
        ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE], .utf16(isBigEndian: false)),
        ([0xFE, 0xFF], .utf16(isBigEndian: true)),
    ]
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
            // The beginning of a mark.
            if TextDecoder.marks.contains(where: { $0.bytes.count > bytes.count && $0.bytes.starts(with: bytes) }) {
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
        return rest.isEmpty || rest == [Self.endOfFile] ? [] : [Self.invalid]
    }

    private mutating func begin(with bytes: [UInt8]) -> [UInt8] {
        let mark = TextDecoder.marks.first { bytes.starts(with: $0.bytes) }
        encoding = mark?.encoding ?? .utf8
        return decoded(bytes.dropFirst(mark?.bytes.count ?? 0))
    }

    private mutating func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        if case .utf16(let isBigEndian) = encoding { return utf8(ofUTF16: bytes, isBigEndian: isBigEndian) }
        // Only the last byte of all may be dropped.
        guard bytes.last == Self.endOfFile else { return Array(bytes) }
        kept = [Self.endOfFile]
        return Array(bytes.dropLast())
    }

    private mutating func utf8(ofUTF16 bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> [UInt8] {
        var units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index in
            UInt16(bytes[index]) << (isBigEndian ? 8 : 0) | UInt16(bytes[index + 1]) << (isBigEndian ? 0 : 8)
        }
        // The first half of a character waits for the second one.
        let isCut = units.last.map(UTF16.isLeadSurrogate) ?? false
        if isCut { units.removeLast() }
        kept = Array(bytes.dropFirst(2 * units.count))
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var parser = UTF16.ForwardParser()
        var rest = units.makeIterator()
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let character): text += UTF8.transcode(character, from: UTF16.self).map(Array.init) ?? []
            case .error: text.append(Self.invalid)
            case .emptyInput: return text
            }
        }
    }
}
