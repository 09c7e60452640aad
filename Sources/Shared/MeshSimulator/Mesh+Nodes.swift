import Telehash

extension Mesh {
    /// Starts a node at a fresh public address, or at the given one.
    ///
    /// - Parameter seeds: numbers of the nodes that it begins with; none makes it a seed.
    /// - Returns: its number: 0 for the first, and so on.
    @discardableResult
    public mutating func addNode(
        seeds: [Int] = [], at endpoint: Endpoint? = nil, limits: Limits = .default
    ) -> Int {
        let endpoint = endpoint ?? freshEndpoint()
        // A seed has nobody to ask for its address; its operator tells it.
        let configuration = Switch.Configuration(
            seeds: seeds.map { nodes[$0].endpoint }, advertised: seeds.isEmpty ? endpoint : nil, limits: limits)
        var random = births.fork()
        let node = Switch(configuration, now: now, using: &random)
        let number = nodes.count
        nodes.append(MeshNode(endpoint: endpoint, configuration: configuration, node: node, random: random))
        numbers[endpoint] = number
        begin(number)
        return number
    }

    /// Ends a node without notice. What is on its way to it is lost.
    public mutating func kill(_ number: Int) {
        trace.add(UInt64(number) | 1 << 62)
        nodes[number].isUp = false
    }

    /// Starts a killed node again: at the same address, with the same configuration and taps, knowing nothing else.
    public mutating func restart(_ number: Int) {
        guard !nodes[number].isUp else { return }
        trace.add(UInt64(number) | 1 << 63)
        nodes[number].random = births.fork()
        nodes[number].node = Switch(nodes[number].configuration, now: now, using: &nodes[number].random)
        nodes[number].isUp = true
        begin(number)
        let ends = nodes[number].ends
        if !ends.isEmpty { tap(ends, at: number) }
    }

    /// Cuts the network: nodes of different groups don't reach each other. Nodes that are in no group form one more.
    public mutating func split(into groups: [[Int]]) {
        partition = [:]
        for (group, members) in groups.enumerated() {
            for member in members { partition[member] = group + 1 }
        }
    }

    /// Ends the cut.
    public mutating func heal() {
        partition = [:]
    }

    /// A public IPv4 address that no node has, anywhere in the address space, so that neighbours on the ring are no
    /// neighbours in it.
    public mutating func freshEndpoint() -> Endpoint {
        while true {
            let bits = UInt32(truncatingIfNeeded: places.next())
            if let endpoint = Endpoint(ipv4: bits, port: UInt16.random(in: 1024 ... .max, using: &places)),
                endpoint.isPublic, numbers[endpoint] == nil
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
