import Foundation
import TestSupport

/// A network at home: hosts with a cable each to one switch, made of the kernel's bridge in a namespace of its own. Each
/// host has a hosts file of its own, too.
final class LAN: Sendable {
    /// The hosts.
    let spaces: [NetworkSpace]
    private let bridge: NetworkSpace

    /// An address of this network that nobody has.
    let nobody = "10.199.8.99"
    /// An address of this network that a host may get.
    let other = "10.199.8.77"

    init(hosts count: Int = 2) throws {
        let bridge = try NetworkSpace("lan")
        try bridge.ip("link", "add", "br0", "type", "bridge")
        try bridge.ip("link", "set", "br0", "up")
        spaces = try (0..<count).map { number in
            let space = try NetworkSpace("l\(number)")
            try space.ip("link", "add", "eth0", "type", "veth", "peer", "name", "port\(number)", "netns", bridge.name)
            try bridge.ip("link", "set", "port\(number)", "master", "br0", "up")
            try FileManager.default.createDirectory(atPath: Self.settings(of: space), withIntermediateDirectories: true)
            try Data("127.0.0.1 localhost\n".utf8).write(to: Self.hostsFile(of: space))
            return space
        }
        self.bridge = bridge
        for number in 0..<count {
            try spaces[number].ip("addr", "add", address(number) + "/24", "dev", "eth0")
            try setLink(of: number, up: true)
        }
    }

    deinit { for space in spaces { try? FileManager.default.removeItem(atPath: Self.settings(of: space)) } }

    /// `ip netns exec` puts what is there over what is in `/etc`.
    private static func settings(of space: NetworkSpace) -> String { "/etc/netns/\(space.name)" }

    private static func hostsFile(of space: NetworkSpace) -> URL { URL(filePath: settings(of: space) + "/hosts") }

    /// From now on a host knows a name. The file stays the one that its programs see.
    func teach(_ number: Int, _ name: String, addresses: [String]) throws {
        let file = try FileHandle(forWritingTo: Self.hostsFile(of: spaces[number]))
        try file.seekToEnd()
        try file.write(contentsOf: Data(addresses.map { "\($0) \(name)\n" }.joined().utf8))
        try file.close()
    }

    func address(_ number: Int) -> String { "10.199.8.\(number + 1)" }

    /// As an administrator does: the routes go with the link.
    func setLink(of number: Int, up: Bool) throws {
        try spaces[number].ip("link", "set", "eth0", up ? "up" : "down")
    }

    /// At the other end of the cable: the host keeps its routes.
    func setPort(of number: Int, up: Bool) throws {
        try bridge.ip("link", "set", "port\(number)", up ? "up" : "down")
    }

    /// Takes a host's address away and gives it another one.
    func move(_ number: Int, to address: String) throws {
        try spaces[number].ip("addr", "flush", "dev", "eth0")
        try spaces[number].ip("addr", "add", address + "/24", "dev", "eth0")
    }
}
