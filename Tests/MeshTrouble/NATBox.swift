import MeshSimulator
import Telehash
import TelehashWire

/// A home router that translates addresses: switches behind it share one public address, and the internet can only
/// answer them.
package struct NATBox: MeshGateway {
    /// Whose datagrams a mapping lets in, in the words of RFC 3489; RFC 4787 calls the first three endpoint-independent
    /// mapping with three kinds of filtering, and the last address- and port-dependent mapping.
    package enum Kind: Hashable, Sendable, CaseIterable {
        /// Everybody's.
        case fullCone
        /// Those of addresses that were sent to, whatever their port.
        case addressRestricted
        /// Those of addresses and ports that were sent to.
        case portRestricted
        /// As ``portRestricted``, and every destination sees another port.
        case symmetric
    }

    /// What makes a mapping: the switch inside, and for ``Kind/symmetric`` the destination too.
    private struct Key: Hashable, Sendable {
        let inside: Endpoint
        let destination: Endpoint?
    }

    private struct Mapping: Sendable {
        let key: Key
        var usedAt: Instant
        /// Who was sent to, and when.
        var contacts: [Endpoint: Instant] = [:]
    }

    let kind: Kind
    /// The public address, in host order.
    package let address: UInt32
    /// How long a mapping, and a contact in it, outlives the last datagram that left: 30 s to 3 minutes in practice, 2
    /// minutes at least by RFC 4787, section 4.3. Datagrams that come in prolong nothing.
    let lifetime: Duration
    /// Whether those inside reach each other by the public address. Most boxes of 2011 can't.
    let hairpins: Bool

    /// Ports below it are never given out (RFC 4787, section 4.2.2).
    static let firstPort: UInt16 = 1024
    /// Destinations that a mapping remembers before it looks for those that have expired.
    private static let contactsOfMapping = 256

    private var mappings: [UInt16: Mapping] = [:]
    private var ports: [Key: UInt16] = [:]
    private var nextPort: UInt16

    init(_ kind: Kind, address: UInt32, firstPort: UInt16, lifetime: Duration, hairpins: Bool) {
        self.kind = kind
        self.address = address
        self.lifetime = lifetime
        self.hairpins = hairpins
        nextPort = max(firstPort, NATBox.firstPort)
    }

    /// `nil` also when no port is free.
    package mutating func outbound(from inside: Endpoint, to destination: Endpoint, now: Instant) -> Endpoint? {
        if case .v4(address) = destination.address, !hairpins { return nil }
        let key = Key(inside: inside, destination: kind == .symmetric ? destination : nil)
        guard let port = livePort(of: key, now: now) ?? freshPort(for: key, now: now) else { return nil }
        mappings[port]?.usedAt = now
        note(destination, on: port, now: now)
        return Endpoint(ipv4: address, port: port)
    }

    package func inbound(to port: UInt16, from sender: Endpoint, now: Instant) -> Endpoint? {
        guard let mapping = mappings[port], isAlive(mapping.usedAt, now: now) else { return nil }
        let isLetIn =
            switch kind {
            case .fullCone: true
            case .addressRestricted:
                mapping.contacts.contains { $0.key.hostGroup == sender.hostGroup && isAlive($0.value, now: now) }
            case .portRestricted, .symmetric:
                mapping.contacts[sender].map { isAlive($0, now: now) } ?? false
            }
        return isLetIn ? mapping.key.inside : nil
    }

    package func external(of inside: Endpoint, now: Instant) -> Endpoint? {
        livePort(of: Key(inside: inside, destination: nil), now: now).flatMap { Endpoint(ipv4: address, port: $0) }
    }

    /// The box was switched off and on: all mappings are gone, and the next ones have other ports.
    mutating func reboot() {
        mappings = [:]
        ports = [:]
    }

    var mappingCount: Int { mappings.count }

    private func livePort(of key: Key, now: Instant) -> UInt16? {
        guard let port = ports[key], let mapping = mappings[port], isAlive(mapping.usedAt, now: now) else { return nil }
        return port
    }

    private mutating func freshPort(for key: Key, now: Instant) -> UInt16? {
        if let old = ports.removeValue(forKey: key) { mappings[old] = nil }
        for _ in NATBox.firstPort ... .max {
            let port = nextPort
            nextPort = nextPort == .max ? NATBox.firstPort : nextPort + 1
            if let mapping = mappings[port] {
                if isAlive(mapping.usedAt, now: now) { continue }
                ports[mapping.key] = nil
            }
            mappings[port] = Mapping(key: key, usedAt: now)
            ports[key] = port
            return port
        }
        return nil
    }

    private mutating func note(_ destination: Endpoint, on port: UInt16, now: Instant) {
        guard kind != .fullCone, var mapping = mappings[port] else { return }
        if mapping.contacts.count >= NATBox.contactsOfMapping {
            mapping.contacts = mapping.contacts.filter { isAlive($0.value, now: now) }
        }
        mapping.contacts[destination] = now
        mappings[port] = mapping
    }

    private func isAlive(_ usedAt: Instant, now: Instant) -> Bool { usedAt.duration(to: now) < lifetime }
}
