import Mustache

/// Text made harmless in HTML, as content and inside quoted attributes.
///
/// It works on bytes. The template engine's own escaping goes by what Swift takes for one character and so lets a quote
/// with a combining mark behind it pass; every template is therefore read with this one (see ``Templates``).
struct HTMLEscaping: MustacheContentType {
    /// The name in the pragma of templates.
    static let name = "P2PMSG_HTML"

    func escapeText(_ text: String) -> String { HTMLEscaping.escape(text) }

    static func escape(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        append(text.utf8, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `& < > " '` become references. Control characters other than newline and tab, which texts of 2011 may have and
    /// HTML cannot carry, become visible signs.
    static func append(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        var previous: UInt8 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): bytes.append(contentsOf: "&#39;".utf8)
            case UInt8(ascii: "\n"), UInt8(ascii: "\t"): bytes.append(byte)
            // The pictures of control characters are U+2400 to U+241F, and U+2421 for DEL.
            case 0..<0x20: bytes.append(contentsOf: [0xe2, 0x90, 0x80 + byte])
            case 0x7f: bytes.append(contentsOf: [0xe2, 0x90, 0xa1])
            case 0x80..<0xa0 where previous == 0xc2:
                // C1 has no pictures: U+FFFD.
                bytes.removeLast()
                bytes.append(contentsOf: [0xef, 0xbf, 0xbd])
            default: bytes.append(byte)
            }
            previous = byte
        }
    }
}

/// Text made harmless in XML 1.0, as ``HTMLEscaping`` does it; U+FFFE and U+FFFF, which XML cannot carry at all (production 2),
/// become U+FFFD.
struct XMLEscaping: MustacheContentType {
    static let name = "P2PMSG_XML"

    func escapeText(_ text: String) -> String {
        let scalars = HTMLEscaping.escape(text).unicodeScalars.map {
            $0 == "\u{FFFE}" || $0 == "\u{FFFF}" ? "\u{FFFD}" : $0
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
