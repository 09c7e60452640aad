import TestSupport

/// A machine of the internet.
struct Host: Sendable {
    /// Where its programs run.
    let space: NetworkSpace
    /// The public address: its own, or that of the NAT before it.
    let address: String
    /// The wire of the public address.
    let wire: Tun
    let isBehindNAT: Bool
}

/// How a NAT treats UDP, in the words of RFC 4787.
enum NAT: String, CaseIterable, Sendable {
    /// One port for all peers, open for everybody (endpoint-independent mapping and filtering).
    case fullCone = "full cone"
    /// One port for all peers, open for those that were sent something (endpoint-independent mapping, address- and
    /// port-dependent filtering): what most homes have.
    case portRestricted = "port-restricted"
    /// A port for each peer (address- and port-dependent mapping): can't be pierced by those that are behind one, too.
    case symmetric

    /// Whether others can reach who is behind it once he sends them something.
    var isCone: Bool { self != .symmetric }
}

extension Internet {
    private static let (inside, outside) = ("192.168.1.2", "192.168.1.1")

    /// A host behind a NAT of its own, made of the kernel's connection tracking.
    ///
    /// - Parameter mappingSeconds: how long the NAT remembers a peer to whom nothing went and from whom nothing came.
    func host(behind kind: NAT, _ address: String, mappingSeconds: Int) throws -> Host {
        let (router, wire) = try attach(address)
        let home = try NetworkSpace("h" + router.name.drop { $0 != "n" }.dropFirst())
        try home.ip("link", "add", "eth0", "type", "veth", "peer", "name", "lan0", "netns", router.name)
        try home.ip("addr", "add", Self.inside + "/24", "dev", "eth0")
        try home.ip("link", "set", "eth0", "up")
        try router.ip("addr", "add", Self.outside + "/24", "dev", "lan0")
        try router.ip("link", "set", "lan0", "up")
        try home.ip("route", "add", "default", "via", Self.outside)
        try router.set("ipv4/ip_forward", to: 1)
        func rule(_ words: String) throws {
            try router.run("/bin/sh", "-c", "exec iptables -w 5 " + words)
        }
        switch kind {
        case .fullCone:
            try rule("-t nat -A PREROUTING -i \(wire.name) -p udp -j DNAT --to-destination \(Self.inside)")
            try rule("-t nat -A POSTROUTING -o \(wire.name) -j SNAT --to-source \(address)")
        case .portRestricted:
            try rule("-t nat -A POSTROUTING -o \(wire.name) -j MASQUERADE")
        case .symmetric:
            try rule("-t nat -A POSTROUTING -o \(wire.name) -j MASQUERADE --random-fully")
        }
        // As every router for homes: who knocks unasked is not even remembered, or his knock would take the mapping.
        try rule("-A INPUT -i \(wire.name) -m conntrack --ctstate NEW,INVALID -j DROP")
        for setting in ["udp_timeout", "udp_timeout_stream"] {
            try router.set("netfilter/nf_conntrack_" + setting, to: mappingSeconds)
        }
        return Host(space: home, address: address, wire: wire, isBehindNAT: true)
    }
}
