/// Who may write through a renderer.
package enum PostPolicy: String, CaseIterable, Sendable {
    /// Everybody; where the visitor's browser cannot sign, the node does.
    case node
    /// Whoever signs, in the browser or elsewhere.
    case browser
    /// Nobody: the wall is there to be read.
    case off
}
