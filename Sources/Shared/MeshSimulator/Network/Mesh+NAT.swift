import Telehash
import TelehashWire

extension Mesh {
    /// Sets up a home router with a fresh public address. Returns its number, for ``addNode(seeds:at:behind:limits:)``.
    ///
    /// - Parameters:
    ///   - lifetime: how long a mapping outlives the last datagram that left.
    ///   - hairpins: whether those behind it reach each other by its public address.
    package mutating func addNAT(
        _ kind: NATBox.Kind, lifetime: Duration = .seconds(120), hairpins: Bool = false
    ) -> Int {
        let place = freshEndpoint()
        guard case .v4(let address) = place.address else { return boxes.count }
        boxes.append(
            NATBox(kind, address: address, firstPort: place.port, lifetime: lifetime, hairpins: hairpins))
        boxNumbers[address] = boxes.count - 1
        return boxes.count - 1
    }

    /// A home router is switched off and on: it forgets all mappings, and those behind it appear under other ports.
    package mutating func rebootNAT(_ box: Int) { boxes[box].reboot() }

    /// Under which address the internet knows a node; `nil` for one behind a NAT that sent nothing lately, or that
    /// shows another address to everybody.
    package func publicEndpoint(of number: Int) -> Endpoint? {
        guard let box = nodes[number].box else { return nodes[number].endpoint }
        return boxes[box].external(of: nodes[number].endpoint, now: now)
    }

    /// The address under which a datagram leaves for another; `nil` when it can't.
    mutating func source(of number: Int, to receiver: Endpoint) -> Endpoint? {
        let inside = nodes[number].endpoint
        guard let box = nodes[number].box else {
            // Private addresses mean something only to those in the same network.
            return self.box(of: receiver) == nil ? inside : nil
        }
        if let other = self.box(of: receiver) { return other == box ? inside : nil }
        if case .v4(let address) = receiver.address, address == boxes[box].address, !boxes[box].hairpins { return nil }
        return boxes[box].outbound(from: inside, to: receiver, now: now)
    }

    /// The NAT behind which a private address lies.
    private func box(of endpoint: Endpoint) -> Int? {
        guard !boxes.isEmpty, let number = numbers[endpoint], number >= 0 else { return nil }
        return nodes[number].box
    }

    /// The node (or, below zero, the scripted peer) that a datagram reaches; `nil` where nobody has the
    /// address, or a NAT does not let it in.
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

    /// An address that only those behind the same NAT can use.
    mutating func freshPrivateEndpoint() -> Endpoint? {
        privateAddresses += 1
        return Endpoint(ipv4: 10 << 24 | privateAddresses, port: 42_424)
    }
}
