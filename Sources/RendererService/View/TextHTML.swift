import Messages

/// A message's text as HTML: escaped, with its web addresses as links that nobody is led to believe in.
enum TextHTML {
    /// - Parameter search: what is marked where it stands.
    static func render(_ text: String, marking search: SearchQuery? = nil) -> String {
        let plain = withPlainNewlines(text)
        let text = Array(plain.utf8)
        var marks = Marks(search?.matches(in: plain) ?? [], in: plain)
        var html: [UInt8] = []
        html.reserveCapacity(text.count + 64)
        var done = 0
        var index = 0
        while index < text.count {
            guard let end = linkEnd(in: text, at: index) else {
                index += 1
                continue
            }
            marks.append(text[done..<index], to: &html)
            html.append(contentsOf: #"<a rel="nofollow noopener ugc" href=""#.utf8)
            HTMLEscaping.append(text[index..<end], to: &html)
            html.append(contentsOf: #"">"#.utf8)
            marks.append(text[index..<end], to: &html)
            html.append(contentsOf: "</a>".utf8)
            index = end
            done = end
        }
        marks.append(text[done...], to: &html)
        return String(decoding: html, as: UTF8.self)
    }

    /// Parts of a text that are shown as found. They are taken in the order of the text.
    private struct Marks {
        private var rest: ArraySlice<Range<Int>>

        init(_ ranges: [Range<String.Index>], in text: String) {
            rest =
                ranges.map { range in
                    let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
                    return start..<(start + text.utf8.distance(from: range.lowerBound, to: range.upperBound))
                }[...]
        }

        /// Appends a part of the text, escaped. A mark that goes over its ends is ended and begun again there.
        mutating func append(_ part: ArraySlice<UInt8>, to html: inout [UInt8]) {
            var index = part.startIndex
            while let mark = rest.first, mark.lowerBound < part.endIndex {
                let marked = max(index, mark.lowerBound)..<min(part.endIndex, mark.upperBound)
                HTMLEscaping.append(part[index..<marked.lowerBound], to: &html)
                html.append(contentsOf: "<mark>".utf8)
                HTMLEscaping.append(part[marked], to: &html)
                html.append(contentsOf: "</mark>".utf8)
                index = marked.upperBound
                guard mark.upperBound <= part.endIndex else { break }
                rest.removeFirst()
            }
            HTMLEscaping.append(part[index...], to: &html)
        }
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
