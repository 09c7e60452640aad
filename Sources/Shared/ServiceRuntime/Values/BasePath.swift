/// The path that the wall lives under: empty, or `/wall` without a slash at its end.
package struct BasePath: Hashable, Sendable, SettingValue, LosslessStringConvertible {
    package static let expectation = "a path such as / or /wall, of letters, digits and - . _ ~"

    package let description: String

    package static let root = BasePath(checked: "")

    private init(checked path: String) { description = path }

    /// - Parameter text: begins with `/`; segments of letters, digits and `-._~`; a slash at the end is dropped.
    package init?(_ text: String) {
        guard text.first == "/" else { return nil }
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let named = segments.last == "" ? segments.dropLast() : segments
        for segment in named {
            guard !segment.isEmpty, segment != ".", segment != "..",
                segment.utf8.allSatisfy(\.isUnreserved)
            else { return nil }
        }
        description = named.map { "/" + $0 }.joined()
    }

    /// What follows the base; nil for a path outside of it.
    package func rest(of path: String) -> Substring? {
        guard path.utf8.starts(with: description.utf8) else { return nil }
        let rest = path[path.utf8.index(path.startIndex, offsetBy: description.utf8.count)...]
        return rest.isEmpty || rest.utf8.first == UInt8(ascii: "/") ? rest : nil
    }
}
