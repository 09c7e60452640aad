import Telehash
import TelehashWire

/// A box between some nodes and the internet that translates their addresses, as home routers do.
package protocol MeshGateway: Sendable {
    /// The public IPv4 address, in host order.
    var address: UInt32 { get }

    /// A datagram leaves. Returns under which address; `nil` when it can't.
    mutating func outbound(from inside: Endpoint, to destination: Endpoint, now: Instant) -> Endpoint?

    /// A datagram comes in. Returns for whom; `nil` when it is not let in.
    func inbound(to port: UInt16, from sender: Endpoint, now: Instant) -> Endpoint?

    /// Under which address the internet sees a switch, where that does not depend on who looks; `nil` while it sent
    /// nothing.
    func external(of inside: Endpoint, now: Instant) -> Endpoint?
}

extension Mesh {
    /// Returns the number of the box, for ``addNode(seeds:at:behind:limits:)``.
    package mutating func add(_ gateway: some MeshGateway) -> Int {
        boxes.append(gateway)
        boxNumbers[gateway.address] = boxes.count - 1
        return boxes.count - 1
    }

    /// Under which address the internet knows a node; `nil` for one behind a gateway that sent nothing lately, or that
    /// shows another address to everybody.
    package func publicEndpoint(of number: Int) -> Endpoint? {
        guard let box = nodes[number].box else { return nodes[number].endpoint }
        return boxes[box].external(of: nodes[number].endpoint, now: now)
    }

    /// The address under which a datagram leaves for another; `nil` when it can't.
    mutating func source(of number: Int, to receiver: Endpoint) -> Endpoint? {
        let inside = nodes[number].endpoint
        // Private addresses mean something only to those in the same network.
        if let other = box(of: receiver) { return other == nodes[number].box ? inside : nil }
        guard let box = nodes[number].box else { return inside }
        return boxes[box].outbound(from: inside, to: receiver, now: now)
    }

    /// The gateway behind which a private address lies.
    private func box(of endpoint: Endpoint) -> Int? {
        guard !boxes.isEmpty, let number = numbers[endpoint], number >= 0 else { return nil }
        return nodes[number].box
    }

    /// The node (or, below zero, the scripted peer) that a datagram reaches; `nil` where nobody has the
    /// address, or a gateway does not let it in.
    func receiver(of arrival: MeshEvent.Arrival) -> Int? {
        if let number = numbers[arrival.to] { return number }
        guard !boxes.isEmpty, case .v4(let address) = arrival.to.address, let box = boxNumbers[address],
            let inside = boxes[box].inbound(to: arrival.to.port, from: arrival.from, now: now)
        else { return nil }
        return numbers[inside]
    }

    /// Whether an address belongs to the mesh, also when nobody is there just now.
    func isOurs(_ endpoint: Endpoint) -> Bool {
        if numbers[endpoint] != nil || formerEndpoints.contains(endpoint) { return true }
        guard !boxes.isEmpty, case .v4(let address) = endpoint.address else { return false }
        return boxNumbers[address] != nil
    }

    /// An address that only those behind the same gateway can use.
    package mutating func freshPrivateEndpoint() -> Endpoint? {
        privateAddresses += 1
        return Endpoint(ipv4: 10 << 24 | privateAddresses, port: 42_424)
    }
}
