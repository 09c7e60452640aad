import Messages
import TextSearch

/// A message's text as HTML: escaped, with its web addresses as links that nobody is led to believe in.
enum TextHTML {
    /// - Parameter search: what is marked where it stands.
    static func render(_ text: String, marking search: SearchPattern? = nil) -> String {
        let plain = withPlainNewlines(text)
        let text = Array(plain.utf8)
        var marks = Marks(search?.matches(in: plain) ?? [], in: plain)
        var html: [UInt8] = []
        html.reserveCapacity(text.count + 64)
        var done = 0
        var dead = 0
        var index = 0
        while index < text.count {
            guard let end = WebAddress.end(in: text, at: index, dead: &dead) else {
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
                TextHTML.append(part[index..<marked.lowerBound], to: &html)
                html.append(contentsOf: "<mark>".utf8)
                TextHTML.append(part[marked], to: &html)
                html.append(contentsOf: "</mark>".utf8)
                index = marked.upperBound
                guard mark.upperBound <= part.endIndex else { break }
                rest.removeFirst()
            }
            TextHTML.append(part[index...], to: &html)
        }
    }

    /// Escaped. A line ends with a break, for readers without a style, and with the newline, which the page's style shows
    /// in its place.
    private static func append(_ text: ArraySlice<UInt8>, to html: inout [UInt8]) {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if index > 0 { html.append(contentsOf: "<br>\n".utf8) }
            HTMLEscaping.append(line, to: &html)
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
}
