import Telehash
import TelehashWire

extension Mesh {
    /// Starts a node at a fresh public address, or at the given one.
    ///
    /// - Parameters:
    ///   - seeds: numbers of the nodes that it begins with; none makes it a seed.
    ///   - box: the NAT that it sits behind, see ``addNAT(_:lifetime:hairpins:)``.
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

    /// Starts a killed node again with the same configuration and taps, knowing nothing else.
    ///
    /// - Parameter elsewhere: at a fresh address; otherwise at the one that it had.
    package mutating func restart(_ number: Int, elsewhere: Bool = false) {
        guard !nodes[number].isUp else { return }
        trace.add(UInt64(number) | 1 << 63)
        if elsewhere { move(number) }
        nodes[number].random = births.fork()
        nodes[number].node = Switch(
            nodes[number].configuration, now: clock(of: number), using: &nodes[number].random)
        nodes[number].isUp = true
        begin(number)
        let ends = nodes[number].ends
        if !ends.isEmpty { tap(ends, at: number) }
    }

    /// Gives a node another address. A seed's operator tells it the new one.
    private mutating func move(_ number: Int) {
        numbers[nodes[number].endpoint] = nil
        formerEndpoints.insert(nodes[number].endpoint)
        let endpoint = nodes[number].box.flatMap { _ in freshPrivateEndpoint() } ?? freshEndpoint()
        nodes[number].endpoint = endpoint
        numbers[endpoint] = number
        if nodes[number].configuration.advertised != nil { nodes[number].configuration.advertised = endpoint }
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

    private mutating func begin(_ number: Int) {
        nodes[number].plannedWake = .distantFuture
        handle(at: number) { node, now, random, effects in
            node.start(now: now, using: &random, into: &effects)
        }
    }
}
