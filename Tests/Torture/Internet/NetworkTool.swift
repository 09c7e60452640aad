import Foundation
import TestSupport

/// The programs that make networks: `ip`, `iptables`, `tc`.
enum NetworkTool {
    /// Why there can be no network namespaces with wires between them here; nil: there can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        for name in ["ip", "iptables"] where path(name) == nil {
            return "there is no program \(name) (Debian: \(name == "ip" ? "iproute2" : name))"
        }
        do {
            let space = try NetworkSpace("try")
            let tun = try Tun(in: space, name: "p2pmtry")
            tun.close()
        } catch {
            return "this machine doesn't let us make network namespaces with TUN devices (\(error))"
        }
        return nil
    }()

    /// Whether the kernel has netem, the queue that loses, delays and reorders.
    static let hasNetem: Bool = {
        guard path("tc") != nil, let space = try? NetworkSpace("netem") else { return false }
        return (try? run("tc", "-n", space.name, "qdisc", "add", "dev", "lo", "root", "netem", "loss", "1%")) != nil
    }()

    static func path(_ name: String) -> String? {
        ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
    }

    static func run(_ name: String, _ arguments: String...) throws { try run([name] + arguments) }

    static func run(_ command: [String]) throws {
        guard let program = path(command[0]) else { throw NotInTime("there is no program \(command[0])") }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = Array(command.dropFirst())
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw NotInTime("'\(command.joined(separator: " "))' ended with \(process.terminationStatus)")
        }
    }
}

/// A network namespace: interfaces, addresses, ports and filters of its own. It goes with the last reference, as soon as no
/// process is in it.
final class NetworkSpace: Sendable {
    let name: String

    init(_ suffix: String) throws {
        name = "p2pm\(getpid())\(suffix)"
        try NetworkTool.run("ip", "netns", "add", name)
        try ip("link", "set", "lo", "up")
    }

    deinit { try? NetworkTool.run("ip", "netns", "del", name) }

    /// `ip` as if inside.
    func ip(_ arguments: String...) throws { try NetworkTool.run(["ip", "-n", name] + arguments) }

    /// Any program, inside.
    func run(_ command: String...) throws { try NetworkTool.run(["ip", "netns", "exec", name] + command) }

    /// Writes a setting of the kernel that each namespace has for itself.
    func set(_ setting: String, to value: Int) throws {
        try run("/bin/sh", "-c", "echo \(value) > /proc/sys/net/\(setting)")
    }

    /// Starts a program inside.
    func start(_ program: String, _ arguments: [String], environment: [String: String]) throws -> TestProcess {
        guard let ip = NetworkTool.path("ip") else { throw NotInTime("there is no program ip") }
        return try TestProcess(
            ip, ["netns", "exec", name, Binaries.path(program)] + arguments, environment: environment)
    }
}
