import Foundation
import Glibc

/// A whole node, as an operator starts it: `p2pmsg up` on free ports with its own data.
public final class TestNode: Sendable {
    public let site: TestSite
    public let process: TestProcess
    /// Of 127.0.0.0/8, where its switch is.
    public let host: String
    public let udpPort: UInt16
    public let httpPort: UInt16
    /// From the start of the process to the line that names the page's address.
    public let timeToAddress: Duration

    public var address: String { "\(host):\(udpPort)" }
    public var bus: String { site.bus }
    public var http: HTTPClient { HTTPClient(.tcp(port: httpPort)) }

    /// Starts a node and waits for the line that names its page.
    ///
    /// - Parameters:
    ///   - site: an earlier node's site, to start again on its data.
    ///   - host: an address of 127.0.0.0/8 for its switch.
    ///   - seeds: nodes that it joins.
    ///   - arguments: further flags of `p2pmsg up`.
    public static func start(
        site: TestSite? = nil, host: String = "127.0.0.1", seeds: [TestNode] = [], receivers: Int = 1,
        arguments: [String] = [],
        within limit: Duration = .seconds(20)
    ) async throws -> TestNode {
        let site = try site ?? TestSite()
        let udpPort = try FreePort.udp()
        let httpPort = try FreePort.tcp()
        var flags = [
            "up", "--data", site.directory.file("node"), "--udp", "\(host):\(udpPort)",
            "--http", "127.0.0.1:\(httpPort)", "--receivers", String(receivers),
        ]
        for seed in seeds { flags += ["--seed", seed.address] }
        let start = ContinuousClock.now
        let process = try site.start(Binaries.client, flags + arguments)
        _ = try await process.waitForLine(matching: "http://\\S*:\(httpPort)\\b", within: limit)
        return TestNode(
            site: site, process: process, host: host, udpPort: udpPort, httpPort: httpPort,
            timeToAddress: ContinuousClock.now - start)
    }

    private init(
        site: TestSite, process: TestProcess, host: String, udpPort: UInt16, httpPort: UInt16, timeToAddress: Duration
    ) {
        self.site = site
        self.process = process
        self.host = host
        self.udpPort = udpPort
        self.httpPort = httpPort
        self.timeToAddress = timeToAddress
    }

    /// Runs the command line of this node's user. Flags that differ are given after the command.
    public func cli(
        _ arguments: [String], input: [UInt8]? = nil, within limit: Duration = .seconds(30)
    ) async throws -> TestSite.Output {
        try await site.run(Binaries.client, arguments, input: input, within: limit)
    }

    /// Runs commands one after the other; each has to succeed.
    ///
    /// - Parameter input: what each of them gets.
    public func run(_ commands: [[String]], input: [UInt8]? = nil) async throws {
        for arguments in commands {
            let output = try await cli(arguments, input: input)
            guard output.status == 0 else {
                throw NotInTime("\(arguments) failed with status \(output.status): \(output.errorText)")
            }
        }
    }

    /// Sends a text with the node's user's key and returns the message's id.
    @discardableResult
    public func send(_ text: String, _ arguments: [String] = []) async throws -> String {
        let output = try await cli(["send", text, "--json"] + arguments)
        guard output.status == 0, let id = try output.json().first?["id"].string else {
            throw NotInTime(
                "send failed with status \(output.status): \(output.errorText)\nThe node says:\n\(process.transcript)")
        }
        return id
    }

    /// The node's answer to `p2pmsg status --json`.
    public func status() async throws -> JSON {
        let output = try await cli(["status", "--json"])
        guard output.status == 0, let status = try output.json().first else {
            throw NotInTime("status failed with status \(output.status): \(output.errorText)")
        }
        return status
    }

    /// Waits until the renderer follows the stores: when it begins to, it ends the event streams that came before.
    ///
    /// - Parameter base: the path that the wall is under.
    public func awaitFeed(under base: String = "") async throws {
        let empty = try await http.get("\(base)/tweets").body
        let last = empty.firstMatch(of: /data-last="([^"]*)"/).map { String($0.1) }
        let first = try await send("the feed is there")
        _ = try await http.event("\(base)/events", after: last, within: .seconds(10)) { $0.data.contains(first) }
    }

    /// The wall, as a browser gets it.
    public func page() async throws -> String { try await http.get("/tweets").body }

    /// Stops it as Ctrl-C does.
    ///
    /// - Returns: how it ended and what was left running.
    public func stop(_ signal: Int32 = SIGINT) async throws -> (exit: TestProcess.Exit, leftovers: [pid_t]) {
        process.signal(signal)
        let exit = try await process.waitForExit(within: .seconds(5))
        return (exit, site.processes())
    }

    /// Kills every process of the node at once, as a power cut does.
    public func kill() async throws {
        for pid in site.processes() { Glibc.kill(pid, SIGKILL) }
        _ = try await process.waitForExit(within: .seconds(5))
        try await eventually("every process gone", within: .seconds(5)) { site.processes().isEmpty }
    }
}
