import HTTPTypes
import Hummingbird

/// The `ETag` of a page: what was asked, of which build, and where the store stood. Weak, because a proxy may compress.
struct Validator: Hashable, Sendable, CustomStringConvertible {
    /// What was asked: the same in every state.
    let resource: Fingerprint
    let description: String

    /// - Parameters:
    ///   - resource: what was asked, and of which build.
    ///   - state: what may change while this program runs.
    init(_ resource: [String], state: String = "") {
        self.resource = Fingerprint(resource.joined(separator: "\n").utf8)
        description = "W/\"\(Fingerprint((resource + [state]).joined(separator: "\n").utf8))\""
    }

    /// Whether the visitor has this page already (RFC 9110, section 13.1.2: the weak comparison).
    func matches(_ headers: HTTPFields) -> Bool {
        let opaque = description.dropFirst(2)
        return headers[values: .ifNoneMatch].contains { value in
            value.split(separator: ",").contains { candidate in
                let tag = candidate.drop { $0 == " " || $0 == "\t" }
                return (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag).prefix { $0 != " " && $0 != "\t" } == opaque
            }
        }
    }
}
