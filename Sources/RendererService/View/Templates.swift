import Mustache

/// The page templates, embedded in the binary and read once.
struct Templates: Sendable {
    enum Name: String, CaseIterable {
        case layout, wall, compose, message, permalink, author, about, search, problem, candidates
    }

    static let shared = Templates()

    private let library: MustacheLibrary

    private init() {
        MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
        var library = MustacheLibrary()
        for name in Name.allCases {
            do {
                // A partial falls back to the engine's own escaping, so each template names ours.
                try library.register(Templates.pragma + Templates.source(of: name), named: name.rawValue)
            } catch {
                preconditionFailure("the template \(name) is broken: \(error)")
            }
        }
        self.library = library
    }

    static let pragma = "{{% CONTENT_TYPE:\(HTMLEscaping.name)}}\n"

    func render(_ name: Name, _ values: [String: Any]) -> String {
        library.render(values, withTemplate: name.rawValue) ?? ""
    }

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
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
