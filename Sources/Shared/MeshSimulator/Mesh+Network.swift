import Telehash

extension Mesh {
    /// Sends a datagram from outside the mesh, under any sender's name, to a node. It travels as others do.
    public mutating func inject(_ datagram: [UInt8], from sender: Endpoint, to number: Int) {
        counters.injected += 1
        transmit(datagram, from: sender, to: nodes[number].endpoint)
    }

    /// Gives a datagram to the network.
    mutating func transmit(_ datagram: [UInt8], from sender: Endpoint, to receiver: Endpoint) {
        if network.happens(faults.loss) || isCut(sender, receiver) {
            counters.lost += 1
            return
        }
        if network.happens(faults.duplication) {
            counters.duplicated += 1
            plan(datagram, from: sender, to: receiver)
        }
        plan(datagram, from: sender, to: receiver)
    }

    private mutating func plan(_ datagram: [UInt8], from sender: Endpoint, to receiver: Endpoint) {
        var datagram = datagram
        var delay = faults.delay.nanoseconds(using: &network)
        if network.happens(faults.reordering) {
            delay += Int64(Double(faults.reorderingSpan.nanoseconds) * network.nextUnit())
        }
        if network.happens(faults.corruption), !datagram.isEmpty {
            counters.corrupted += 1
            let bit = Int.random(in: 0..<datagram.count * 8, using: &network)
            datagram[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let time = Instant(nanoseconds: now.nanoseconds + max(0, delay))
        queue.plan(.arrival(datagram, from: sender, to: receiver), at: time)
    }

    private func isCut(_ sender: Endpoint, _ receiver: Endpoint) -> Bool {
        guard !partition.isEmpty, let from = numbers[sender], let to = numbers[receiver] else { return false }
        return partition[from, default: 0] != partition[to, default: 0]
    }

    mutating func arrive(_ datagram: [UInt8], from sender: Endpoint, to receiver: Endpoint) {
        trace.add(sender)
        trace.add(receiver)
        trace.add(datagram)
        guard let number = numbers[receiver], nodes[number].isUp else {
            counters.unreachable += 1
            return
        }
        counters.received += 1
        if numbers[sender] == nil { strangers.heard(datagram.count, from: sender, at: number) }
        handle(at: number) { node, now, random, effects in
            node.receive(datagram, from: sender, now: now, using: &random, into: &effects)
        }
    }
}
