import MeshSimulator
import Telehash
import TelehashWire

extension Mesh {
    /// Sets up a home router with a fresh public address. Returns its number, for
    /// ``MeshSimulator/Mesh/addNode(seeds:at:behind:limits:)``.
    ///
    /// - Parameters:
    ///   - lifetime: how long a mapping outlives the last datagram that left.
    ///   - hairpins: whether those behind it reach each other by its public address.
    package mutating func addNAT(
        _ kind: NATBox.Kind, lifetime: Duration = .seconds(120), hairpins: Bool = false
    ) -> Int {
        let place = freshEndpoint()
        guard case .v4(let address) = place.address else { return boxes.count }
        return add(NATBox(kind, address: address, firstPort: place.port, lifetime: lifetime, hairpins: hairpins))
    }

    /// A home router is switched off and on: it forgets all mappings, and those behind it appear under other ports.
    package mutating func rebootNAT(_ box: Int) {
        guard var nat = boxes[box] as? NATBox else { return }
        nat.reboot()
        boxes[box] = nat
    }
}
