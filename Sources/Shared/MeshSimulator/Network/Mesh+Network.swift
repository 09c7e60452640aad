import Telehash
import TelehashWire

extension Mesh {
    /// Sends a datagram from outside the mesh, under any sender's name, to a node. It travels as others do.
    package mutating func inject(_ datagram: [UInt8], from sender: Endpoint, to number: Int) {
        counters.injected += 1
        transmit(MeshEvent.Arrival(datagram: datagram, from: sender, to: nodes[number].endpoint, sender: nil))
    }

    /// Asks a node something in the name of somebody who never asked.
    package mutating func injectForgedQuestion(
        from victim: Endpoint, to number: Int, using random: inout SeededGenerator
    ) {
        var writer = TelexWriter()
        if random.happens(0.5) { writer.ring(Int.random(in: 1...WireLimits.largestRing, using: &random)) }
        writer.signals(Signals(["+end": NodeID(sha1Of: "\(random.next())").hex]))
        if random.happens(0.5) { writer.pad(to: Int.random(in: 60...1_400, using: &random)) }
        inject(writer.finish(), from: victim, to: number)
    }

    /// A node's switch sends a datagram.
    mutating func send(_ datagram: [UInt8], from number: Int, to receiver: Endpoint) {
        guard let source = source(of: number, to: receiver) else {
            counters.untranslated += 1
            return
        }
        transmit(MeshEvent.Arrival(datagram: datagram, from: source, to: receiver, sender: number))
    }

    /// Gives a datagram to the network.
    mutating func transmit(_ arrival: MeshEvent.Arrival) {
        if network.happens(faults.loss) {
            counters.lost += 1
            return
        }
        if network.happens(faults.duplication) {
            counters.duplicated += 1
            plan(arrival)
        }
        plan(arrival)
    }

    private mutating func plan(_ arrival: MeshEvent.Arrival) {
        var delay = faults.delay.nanoseconds(using: &network)
        if network.happens(faults.reordering) {
            delay += Int64(Double(faults.reorderingSpan.nanoseconds) * network.nextUnit())
        }
        let time = Instant(nanoseconds: now.nanoseconds + max(0, delay))
        queue.plan(.arrival(damaged(arrival)), at: time)
    }

    /// The datagram as it arrives: with one bit flipped, or cut short, if it is hit.
    private mutating func damaged(_ arrival: MeshEvent.Arrival) -> MeshEvent.Arrival {
        let flips = network.happens(faults.corruption)
        let cuts = network.happens(faults.truncation)
        guard flips || cuts, !arrival.datagram.isEmpty else { return arrival }
        var datagram = arrival.datagram
        if flips {
            counters.corrupted += 1
            let bit = Int.random(in: 0..<datagram.count * 8, using: &network)
            datagram[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        if cuts {
            counters.truncated += 1
            datagram.removeLast(Int.random(in: 1...datagram.count, using: &network))
        }
        return MeshEvent.Arrival(datagram: datagram, from: arrival.from, to: arrival.to, sender: arrival.sender)
    }

    mutating func arrive(_ arrival: MeshEvent.Arrival) {
        trace.add(arrival.from)
        trace.add(arrival.to)
        trace.add(arrival.datagram)
        let number = receiver(of: arrival)
        if let peer = number.flatMap(Mesh.peer(ofNumber:)) {
            return arrive(arrival.datagram, from: arrival.from, to: arrival.to, atPeer: peer)
        }
        guard let number, nodes[number].isUp else {
            counters.unreachable += 1
            return
        }
        if let isCut, let sender = arrival.sender, isCut(sender, number) {
            counters.lost += 1
            return
        }
        if nodes[number].isFrozen { return wait(arrival, at: number) }
        take(arrival, at: number)
    }

    /// A datagram reaches the socket of a frozen process.
    private mutating func wait(_ arrival: MeshEvent.Arrival, at number: Int) {
        let size = arrival.datagram.count + SimulatorLimits.datagramOverhead
        guard nodes[number].backlogBytes + size <= SimulatorLimits.socketBufferBytes else {
            counters.overflowed += 1
            return
        }
        nodes[number].backlog.append(arrival)
        nodes[number].backlogBytes += size
    }

    /// A datagram reaches a switch.
    package mutating func take(_ arrival: MeshEvent.Arrival, at number: Int) {
        counters.received += 1
        show(arrival.datagram, of: number, isSent: false, arrival.from)
        if copies.isOpen { copies.received(arrival.datagram, at: number) }
        if !isOurs(arrival.from) { strangers.heard(arrival.datagram.count, from: arrival.from, at: number) }
        handle(at: number) { node, now, random, effects in
            node.receive(arrival.datagram, from: arrival.from, now: now, using: &random, into: &effects)
        }
    }
}
