import Telehash
import TelehashWire

extension Mesh {
    /// Starts a node at a fresh public address, or at the given one.
    ///
    /// - Parameters:
    ///   - seeds: numbers of the nodes that it begins with; none makes it a seed.
    ///   - box: the gateway that it sits behind, see ``add(_:)``.
    /// - Returns: its number: 0 for the first, and so on.
    @discardableResult
    package mutating func addNode(
        seeds: [Int] = [], at endpoint: Endpoint? = nil, behind box: Int? = nil, limits: Limits = .default
    ) -> Int {
        let endpoint = endpoint ?? box.flatMap { _ in freshPrivateEndpoint() } ?? freshEndpoint()
        // A seed has nobody to ask for its address; its operator tells it.
        let configuration = Switch.Configuration(
            seeds: seeds.compactMap { publicEndpoint(of: $0) }, advertised: seeds.isEmpty ? endpoint : nil,
            limits: limits)
        var random = births.fork()
        let node = Switch(configuration, now: now, using: &random)
        let number = nodes.count
        nodes.append(
            MeshNode(endpoint: endpoint, box: box, configuration: configuration, node: node, random: random))
        numbers[endpoint] = number
        begin(number)
        return number
    }

    /// Ends a node without notice. What is on its way to it is lost.
    package mutating func kill(_ number: Int) {
        trace.add(UInt64(number) | 1 << 62)
        nodes[number].isUp = false
        nodes[number].isFrozen = false
        nodes[number].clearBacklog()
        nodes[number].forgetEverything(now: clock(of: number))
    }

    /// A public IPv4 address that no node has, anywhere in the address space, so that neighbours on the ring are no
    /// neighbours in it.
    package mutating func freshEndpoint() -> Endpoint {
        while true {
            let bits = UInt32(truncatingIfNeeded: places.next())
            if let endpoint = Endpoint(ipv4: bits, port: UInt16.random(in: 1024 ... .max, using: &places)),
                endpoint.isPublic, !isOurs(endpoint), boxNumbers[bits] == nil
            {
                return endpoint
            }
        }
    }

    package mutating func begin(_ number: Int) {
        nodes[number].plannedWake = .distantFuture
        handle(at: number) { node, now, random, effects in
            node.start(now: now, using: &random, into: &effects)
        }
    }
}
