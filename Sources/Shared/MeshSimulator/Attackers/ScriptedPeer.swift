import Telehash
import TelehashWire

/// Somebody in the mesh who is no production switch: an attacker, a peer of 2011, a measuring station.
///
/// One peer may own any number of addresses, because an attacker does. It must be deterministic: what it draws comes
/// from a generator of its own, which it is given at its birth.
package protocol ScriptedPeer: Sendable {
    /// When ``wake(now:into:)`` is to be called next; read after every call.
    var nextWake: Instant { get }

    /// A datagram arrived at one of the peer's addresses.
    mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, at own: Endpoint, now: Instant, into sends: inout [ScriptedSend])

    /// The time has come that ``nextWake`` named. The first wake is at once.
    mutating func wake(now: Instant, into sends: inout [ScriptedSend])
}

/// One datagram that a scripted peer sends. The sender may be any address: forging one is what attackers do.
package struct ScriptedSend: Sendable {
    package let datagram: [UInt8]
    package let sender: Endpoint
    package let receiver: Endpoint

    package init(_ datagram: [UInt8], from sender: Endpoint, to receiver: Endpoint) {
        self.datagram = datagram
        self.sender = sender
        self.receiver = receiver
    }
}

/// A scripted peer and what the mesh keeps about it.
package struct MeshPeer: Sendable {
    package var script: any ScriptedPeer
    var plannedWake = Instant.distantFuture
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

    /// A generator for a scripted peer, apart from those of the nodes.
    package mutating func freshGenerator() -> SeededGenerator {
        strangeness.fork()
    }

    /// Peers stand in the same directory of addresses as nodes, below zero.
    static func number(ofPeer peer: Int) -> Int { -1 - peer }

    static func peer(ofNumber number: Int) -> Int? { number < 0 ? -1 - number : nil }

    mutating func arrive(_ datagram: [UInt8], from sender: Endpoint, to own: Endpoint, atPeer peer: Int) {
        counters.receivedByPeers += 1
        peerSends.removeAll(keepingCapacity: true)
        peers[peer].script.receive(datagram, from: sender, at: own, now: now, into: &peerSends)
        performSends(of: peer)
    }

    mutating func wakePeer(_ peer: Int) {
        trace.add(UInt64(peer) | 1 << 61)
        peers[peer].plannedWake = .distantFuture
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
        guard wake < peers[peer].plannedWake else { return }
        // A script that wants to be woken for the past must not keep time from moving.
        let moment = max(wake, Instant(nanoseconds: now.nanoseconds + SimulatorLimits.shortestPeerPause))
        peers[peer].plannedWake = moment
        queue.plan(.wakePeer(peer), at: moment)
    }
}
