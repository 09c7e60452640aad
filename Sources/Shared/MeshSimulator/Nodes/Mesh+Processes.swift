import Telehash

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

    /// What a node's clock shows.
    package func clock(of number: Int) -> Instant { nodes[number].clock.reading(at: now) }

    private mutating func replanWake(of number: Int) {
        nodes[number].plannedWake = .distantFuture
        guard nodes[number].isUp, !nodes[number].isFrozen else { return }
        planWake(of: number)
    }

    /// A datagram reaches the socket of a frozen process.
    mutating func wait(_ arrival: MeshEvent.Arrival, at number: Int) {
        let size = arrival.datagram.count + SimulatorLimits.datagramOverhead
        guard nodes[number].backlogBytes + size <= SimulatorLimits.socketBufferBytes else {
            counters.overflowed += 1
            return
        }
        nodes[number].backlog.append(arrival)
        nodes[number].backlogBytes += size
    }
}
