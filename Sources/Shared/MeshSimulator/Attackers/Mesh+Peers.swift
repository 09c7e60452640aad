import Telehash
import TelehashWire

/// A scripted peer and what the mesh keeps about it.
struct MeshPeer: Sendable {
    var script: any ScriptedPeer
    var plannedWake = Instant.distantFuture
    var isUp = true
}

extension Mesh {
    /// Puts a scripted peer into the mesh, which owns all of these addresses from now on.
    ///
    /// - Returns: its number among the peers: 0 for the first, and so on. Nodes are counted apart.
    @discardableResult
    package mutating func addPeer(_ script: some ScriptedPeer, at endpoints: [Endpoint]) -> Int {
        let peer = peers.count
        peers.append(MeshPeer(script: script))
        for endpoint in endpoints { numbers[endpoint] = Mesh.number(ofPeer: peer) }
        peers[peer].plannedWake = now
        queue.plan(.wakePeer(peer), at: now)
        return peer
    }

    /// The state of a scripted peer, for reading what it counted; `nil` when it is of another type.
    package func peer<Script: ScriptedPeer>(_ number: Int, as type: Script.Type) -> Script? {
        peers[number].script as? Script
    }

    /// Ends a scripted peer: it hears and sends nothing from now on.
    package mutating func killPeer(_ number: Int) {
        peers[number].isUp = false
    }

    /// A generator for a scripted peer, apart from those of the nodes.
    package mutating func freshGenerator() -> SeededGenerator {
        strangeness.fork()
    }

    /// Peers stand in the same directory of addresses as nodes, below zero.
    static func number(ofPeer peer: Int) -> Int { -1 - peer }

    static func peer(ofNumber number: Int) -> Int? { number < 0 ? -1 - number : nil }

    mutating func arrive(_ datagram: [UInt8], from sender: Endpoint, to own: Endpoint, atPeer peer: Int) {
        guard peers[peer].isUp else {
            counters.unreachable += 1
            return
        }
        counters.receivedByPeers += 1
        peerSends.removeAll(keepingCapacity: true)
        peers[peer].script.receive(datagram, from: sender, at: own, now: now, into: &peerSends)
        performSends(of: peer)
    }

    mutating func wakePeer(_ peer: Int) {
        trace.add(UInt64(peer) | 1 << 61)
        peers[peer].plannedWake = .distantFuture
        guard peers[peer].isUp else { return }
        peerSends.removeAll(keepingCapacity: true)
        peers[peer].script.wake(now: now, into: &peerSends)
        performSends(of: peer)
    }

    private mutating func performSends(of peer: Int) {
        // Sending only plans events, so nothing changes the list meanwhile.
        for index in peerSends.indices {
            let send = peerSends[index]
            counters.sentByPeers += 1
            transmit(
                MeshEvent.Arrival(datagram: send.datagram, from: send.sender, to: send.receiver, sender: nil))
        }
        planWake(ofPeer: peer)
    }

    private mutating func planWake(ofPeer peer: Int) {
        let wake = peers[peer].script.nextWake
        guard wake < peers[peer].plannedWake, peers[peer].isUp else { return }
        // A script that wants to be woken for the past must not keep time from moving.
        let moment = max(wake, Instant(nanoseconds: now.nanoseconds + SimulatorLimits.shortestPeerPause))
        peers[peer].plannedWake = moment
        queue.plan(.wakePeer(peer), at: moment)
    }
}
