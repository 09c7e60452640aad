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
