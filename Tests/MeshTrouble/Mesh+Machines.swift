import MeshSimulator
import Telehash
import TelehashWire

// What machines and their schedulers do to a process.
extension Mesh {
    /// Stops a node's process without ending it (`SIGSTOP`, a suspended virtual machine): datagrams wait in its socket
    /// buffer, those beyond it are lost, and its clock runs on.
    package mutating func freeze(_ number: Int) {
        guard nodes[number].isUp else { return }
        nodes[number].isFrozen = true
    }

    /// Lets a frozen process run again: it finds everything at once that waited.
    package mutating func thaw(_ number: Int) {
        guard nodes[number].isUp, nodes[number].isFrozen else { return }
        let waiting = nodes[number].backlog
        nodes[number].clearBacklog()
        for arrival in waiting { take(arrival, at: number) }
        nodes[number].isFrozen = false
        nodes[number].plannedWake = .distantFuture
        planWake(of: number)
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

    /// A node's clock jumps ahead, as that of a suspended machine may when it goes on.
    package mutating func jumpClock(of number: Int, by duration: Duration) {
        nodes[number].clock.jump(by: duration, now: now)
        replanWake(of: number)
    }

    /// From now on a node's clock runs fast (above 1), slow, or not at all (0).
    package mutating func runClock(of number: Int, at rate: Double) {
        nodes[number].clock.run(at: rate, now: now)
        replanWake(of: number)
    }

    private mutating func replanWake(of number: Int) {
        nodes[number].plannedWake = .distantFuture
        guard nodes[number].isUp, !nodes[number].isFrozen else { return }
        planWake(of: number)
    }
}
