import Foundation
import TestSupport

/// A few hosts on one network, made of the kernel's network namespaces: each has its own interfaces, addresses and
/// ports, and reaches the others through a bridge that stands in a namespace too. Nothing of it touches the machine's own
/// network. All of it goes with the last reference.
final class Hosts: Sendable {
    /// Why there can be none here; nil: there can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        guard let ip = Hosts.tool else { return "there is no program ip (Debian: iproute2)" }
        let name = "p2pm\(getpid())try"
        guard Hosts.execute([ip, "netns", "add", name]) == 0 else {
            return "this machine doesn't let us make network namespaces"
        }
        _ = Hosts.execute([ip, "netns", "del", name])
        return nil
    }()

    private static let tool = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].first { (path: String) in
        access(path, X_OK) == 0
    }

    private let prefix: String
    private let count: Int

    /// Hosts 1 to `count`; number n has the address 10.199.7.n.
    init(_ count: Int) throws {
        self.count = count
        prefix = "p2pm\(getpid())"
        let wire = "\(prefix)sw"
        try Self.ip("netns", "add", wire)
        try Self.ip("-n", wire, "link", "add", "br0", "type", "bridge")
        try Self.ip("-n", wire, "link", "set", "br0", "up")
        for number in 1...count {
            let host = name(number)
            try Self.ip("netns", "add", host)
            try Self.ip(
                "-n", host, "link", "add", "eth0", "type", "veth", "peer", "name", "port\(number)", "netns", wire)
            try Self.ip("-n", wire, "link", "set", "port\(number)", "master", "br0", "up")
            try Self.ip("-n", host, "addr", "add", "\(address(number))/24", "dev", "eth0")
            try Self.ip("-n", host, "link", "set", "lo", "up")
            try Self.ip("-n", host, "link", "set", "eth0", "up")
        }
    }

    deinit {
        guard let ip = Self.tool else { return }
        for name in (1...count).map(name) + ["\(prefix)sw"] { _ = Self.execute([ip, "netns", "del", name]) }
    }

    func address(_ number: Int) -> String { "10.199.7.\(number)" }

    /// Starts a program on a host.
    func start(
        _ path: String, _ arguments: [String], on number: Int, environment: [String: String]
    ) throws -> TestProcess {
        try TestProcess(
            Self.tool ?? "ip", ["netns", "exec", name(number), path] + arguments, environment: environment)
    }

    private func name(_ number: Int) -> String { "\(prefix)h\(number)" }

    private static func ip(_ arguments: String...) throws {
        guard execute([tool ?? "ip"] + arguments) == 0 else {
            throw NotInTime("ip \(arguments.joined(separator: " ")) failed")
        }
    }

    private static func execute(_ command: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
