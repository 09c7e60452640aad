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
