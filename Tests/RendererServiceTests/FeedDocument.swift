import Foundation
import FoundationXML

/// An XML document as a parser of its own reads it.
final class FeedDocument: NSObject, XMLParserDelegate {
    private(set) var problem: String?
    private var found: [String: [String]] = [:]
    private var open: [String] = []

    init(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        if !parser.parse() { problem = parser.parserError.map { "\($0) in line \(parser.lineNumber)" } ?? "unknown" }
    }

    /// The texts of all elements of a name, in order.
    func texts(_ name: String) -> [String] { found[name] ?? [] }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        open.append(name)
        found[name, default: []].append("")
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        guard let name = open.last, let last = found[name]?.indices.last else { return }
        found[name]?[last] += text
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        open.removeLast()
    }
}
