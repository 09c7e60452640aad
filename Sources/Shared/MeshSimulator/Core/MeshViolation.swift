import Telehash

/// Something that may never be, and was.
package struct MeshViolation: Sendable, CustomStringConvertible {
    /// The number of the node.
    package let node: Int
    package let time: Instant
    /// Which rule, by a name that stays the same from run to run.
    package let rule: String
    /// How much of what, as far as there is more to say.
    package let detail: String

    package var description: String {
        "node \(node), second \(time.seconds): \(rule)" + (detail.isEmpty ? "" : ", \(detail)")
    }
}
