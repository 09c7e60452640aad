import Mustache

/// The page and feed templates, embedded in the binary and read once.
struct Templates: Sendable {
    enum Name: String, CaseIterable {
        case layout, wall, compose, message, permalink, author, about, search, problem, candidates, atom, rss
    }

    static let shared = Templates()

    private let library: MustacheLibrary

    private init() {
        MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
        MustacheContentTypes.register(XMLEscaping(), named: XMLEscaping.name)
        var library = MustacheLibrary()
        for name in Name.allCases {
            do {
                // A partial falls back to the engine's own escaping, so each template names ours.
                try library.register(Templates.pragma(of: name) + Templates.source(of: name), named: name.rawValue)
            } catch {
                preconditionFailure("the template \(name) is broken: \(error)")
            }
        }
        self.library = library
    }

    private static func pragma(of name: Name) -> String {
        "{{% CONTENT_TYPE:\(name == .atom || name == .rss ? XMLEscaping.name : HTMLEscaping.name)}}\n"
    }

    /// - Parameter values: what is nil is left out.
    func render(_ name: Name, _ values: [String: Any?]) -> String {
        library.render(Templates.present(values), withTemplate: name.rawValue) ?? ""
    }

    /// Values without those that are nil, as the engine wants them where they are elements of a list.
    static func present(_ values: [String: Any?]) -> [String: Any] { values.compactMapValues { $0 } }

    static func source(of name: Name) -> String {
        let bytes =
            switch name {
            case .layout: PackageResources.layout_mustache
            case .wall: PackageResources.wall_mustache
            case .compose: PackageResources.compose_mustache
            case .message: PackageResources.message_mustache
            case .permalink: PackageResources.permalink_mustache
            case .author: PackageResources.author_mustache
            case .about: PackageResources.about_mustache
            case .search: PackageResources.search_mustache
            case .problem: PackageResources.problem_mustache
            case .candidates: PackageResources.candidates_mustache
            case .atom: PackageResources.atom_mustache
            case .rss: PackageResources.rss_mustache
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}

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
        var bytes = Array(HTMLEscaping.escape(text).utf8)
        for index in bytes.indices.dropFirst(2)
        where bytes[index] >= 0xBE && bytes[index - 1] == 0xBF && bytes[index - 2] == 0xEF {
            bytes[index] = 0xBD
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A file that pages refer to. Its address changes with its content, so browsers may keep it for good.
struct Asset: Sendable {
    /// `wall.0123456789abcdef.css`
    let fileName: String
    let contentType: String
    let bytes: [UInt8]

    static let style = Asset("wall", "css", "text/css; charset=utf-8", PackageResources.wall_css)
    static let script = Asset(
        "wall", "js", "text/javascript; charset=utf-8",
        [
            PackageResources.page_js, PackageResources.signing_js, PackageResources.write_js, PackageResources.mute_js,
            PackageResources.stream_js, PackageResources.wall_js,
        ].reduce([], +))
    static let all = [style, script]

    /// The page's own picture, inside the page: it is smaller than a request for it.
    static let icon =
        "data:image/svg+xml," + Percent.encoded(String(decoding: PackageResources.icon_svg, as: UTF8.self))

    static func named(_ fileName: String) -> Asset? { all.first { $0.fileName == fileName } }

    private init(_ name: String, _ suffix: String, _ contentType: String, _ bytes: [UInt8]) {
        fileName = "\(name).\(Fingerprint(bytes)).\(suffix)"
        self.contentType = contentType
        self.bytes = bytes
    }
}
