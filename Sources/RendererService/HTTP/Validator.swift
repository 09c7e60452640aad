/// The `ETag` of a page: what was asked, of which build, and where the store stood. Weak, because a proxy may compress.
struct Validator: Hashable, Sendable, CustomStringConvertible {
    /// What was asked: the same in every state.
    let resource: Fingerprint
    /// What stands between the quotation marks.
    let opaque: String

    /// - Parameters:
    ///   - resource: what was asked, and of which build.
    ///   - state: what may change while this program runs.
    init(_ resource: [String], state: String = "") {
        self.resource = Fingerprint(resource.joined(separator: "\n").utf8)
        opaque = Fingerprint((resource + [state]).joined(separator: "\n").utf8).description
    }

    var description: String { "W/\"\(opaque)\"" }
}
