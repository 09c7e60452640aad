/// A message's text as HTML: escaped, with its web addresses as links that nobody is led to believe in.
enum TextHTML {
    static func render(_ text: String) -> String {
        let text = Array(withPlainNewlines(text).utf8)
        var html: [UInt8] = []
        html.reserveCapacity(text.count + 64)
        var done = 0
        var index = 0
        while index < text.count {
            guard let end = linkEnd(in: text, at: index) else {
                index += 1
                continue
            }
            HTMLEscaping.append(text[done..<index], to: &html)
            appendLink(text[index..<end], to: &html)
            index = end
            done = end
        }
        HTMLEscaping.append(text[done...], to: &html)
        return String(decoding: html, as: UTF8.self)
    }

    /// CR LF and CR, which only texts of 2011 have, as LF.
    static func withPlainNewlines(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\r")) else { return text }
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\r") {
                bytes.append(UInt8(ascii: "\n"))
            } else if byte != UInt8(ascii: "\n") || previous != UInt8(ascii: "\r") {
                bytes.append(byte)
            }
            previous = byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func appendLink(_ address: ArraySlice<UInt8>, to html: inout [UInt8]) {
        html.append(contentsOf: #"<a rel="nofollow noopener ugc" href=""#.utf8)
        HTMLEscaping.append(address, to: &html)
        html.append(contentsOf: #"">"#.utf8)
        HTMLEscaping.append(address, to: &html)
        html.append(contentsOf: "</a>".utf8)
    }

    /// Where a web address that begins at `start` ends; nil where none begins. Only ASCII belongs to an address, so that
    /// nothing invisible and no direction mark gets into a link.
    private static func linkEnd(in text: [UInt8], at start: Int) -> Int? {
        guard text[start] | 0x20 == UInt8(ascii: "h"), start == 0 || !isWord(text[start - 1]) else { return nil }
        let scheme = ["http://", "https://"].first { scheme in
            let end = start + scheme.utf8.count
            return end < text.count && zip(text[start..<end], scheme.utf8).allSatisfy { lowercased($0) == $1 }
        }
        guard let scheme else { return nil }
        let host = start + scheme.utf8.count
        guard isAlphanumeric(text[host]) || text[host] == UInt8(ascii: "[") else { return nil }
        var end = host
        while end < text.count, end - start < Limits.linkBytes, isAddress(text[end]) { end += 1 }
        return trimmed(text[start..<end])
    }

    /// Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside.
    private static func trimmed(_ address: ArraySlice<UInt8>) -> Int {
        var rest = address
        while let last = rest.last {
            switch last {
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "!"),
                UInt8(ascii: "?"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "_"):
                rest.removeLast()
            case UInt8(ascii: ")") where count(UInt8(ascii: "("), in: rest) < count(last, in: rest):
                rest.removeLast()
            case UInt8(ascii: "]") where count(UInt8(ascii: "["), in: rest) < count(last, in: rest):
                rest.removeLast()
            default: return rest.endIndex
            }
        }
        return rest.endIndex
    }

    private static func count(_ byte: UInt8, in text: ArraySlice<UInt8>) -> Int {
        text.reduce(0) { $0 + ($1 == byte ? 1 : 0) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// Characters of addresses (RFC 3986), without quotes and angle brackets.
    private static func isAddress(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
    }
}
