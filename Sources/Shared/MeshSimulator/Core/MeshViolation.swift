import Telehash

/// Something that may never be, and was.
public struct MeshViolation: Sendable, CustomStringConvertible {
    /// The number of the node.
    public let node: Int
    public let time: Instant
    /// Which rule, by a name that stays the same from run to run.
    public let rule: String
    /// How much of what, as far as there is more to say.
    public let detail: String

    public var description: String {
        "node \(node), second \(time.seconds): \(rule)" + (detail.isEmpty ? "" : ", \(detail)")
    }
}
