/// Who may write through a renderer.
package enum PostPolicy: String, CaseIterable, Sendable {
    /// Everybody; where the visitor's browser cannot sign, the node does.
    case node
    /// Whoever signs, in the browser or elsewhere.
    case browser
    /// Nobody: the wall is there to be read.
    case off

    /// As a setting.
    ///
    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> PostPolicy {
        try PostPolicy(rawValue: text).orExpected("one of: " + allCases.map(\.rawValue).joined(separator: " "))
    }
}
