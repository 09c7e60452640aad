import Telehash
import TelehashWire

/// What happens in a mesh at some time.
package enum MeshEvent: Sendable {
    case arrival(Arrival)
    case wake(node: Int)
    case wakePeer(Int)
    /// The application of a node judges signals that it was given.
    case judgement(node: Int, Delivery)

    /// A datagram on its way.
    package struct Arrival: Sendable {
        let datagram: [UInt8]
        /// The sender's address as the receiver will see it.
        let from: Endpoint
        let to: Endpoint
        /// The switch that sent it; `nil` when it came from outside the mesh.
        let sender: Int?
    }
}
