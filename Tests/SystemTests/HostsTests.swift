import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(
        "A node over several hosts",
        .enabled(if: Hosts.obstacle == nil, Comment(rawValue: Hosts.obstacle ?? "")), .timeLimit(.minutes(2)))
    struct HostsTests {
        @Test func message_sentOnOneHost_isStoredOnAnother_andAThirdGetsNothing() async throws {
            let hosts = try Hosts(3)
            let network = try await NetworkSite.make(["router", "store", "page", "alice", "mallory"])
            let site = network.site
            let users = [("receiver", "store"), ("renderer", "page"), ("client", "alice")]
            let bus = "tcp://\(hosts.address(1)):42425"
            let file = site.directory.file("wall.sock")
            let router = try hosts.start(
                Binaries.path(Binaries.router),
                [
                    "--bus", bus, "--udp", "\(hosts.address(1)):42424", "--service-key", "router", "--allow",
                    try network.allow(users, in: "router.allow"),
                ], on: 1, environment: site.environment)
            let renderer = try hosts.start(
                Binaries.path(Binaries.renderer), network.connecting(as: "page", to: bus) + ["--http", "unix:" + file],
                on: 1, environment: site.environment)
            let store = site.directory.file("store.sqlite")
            let receiver = try hosts.start(
                Binaries.path(Binaries.receiver),
                network.connecting(as: "store", to: bus) + [
                    "--listen", "\(hosts.address(2)):42426", "--store", store, "--allow",
                    try network.allow(users, in: "receiver.allow"),
                ], on: 2, environment: site.environment)
            let page = HTTPClient(.unix(path: file))
            try await eventually("the node is whole", within: .seconds(15)) {
                try await page.get("/readyz").status == 200
            }

            let client = Client(hosts: hosts, network: network, bus: bus)
            let sent = try await client.run(["send", "from host 1", "--json"], as: "alice", on: 1)
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(sent.lines.first?.contains("\"stored\":[\"") == true)
            try await eventually("it is on the page", within: .seconds(5)) {
                try await page.get("/tweets").body.contains("from host 1")
            }
            let listed = try await client.run(["list", "--json"], as: "alice", on: 3)
            #expect(listed.lines.first?.contains("from host 1") == true, "with a key from anywhere: \(listed.errors)")

            for command in [["send", "forged"], ["list"], ["status"], ["tail", "--count", "1", "--wait", "3s"]] {
                let refused = try await client.run(command, as: "mallory", on: 3)
                #expect(refused.status != 0, "\(command)")
                #expect(refused.lines == [], "\(command)")
            }
            for port in [42_425, 42_426, 42_427] {
                let host = port == 42_425 ? 1 : 2
                #expect(try await client.bytes(from: hosts.address(host), port: port, on: 3) <= 64, "port \(port)")
            }
            #expect(try await !page.get("/tweets").body.contains("forged"))
            for process in [router, renderer, receiver] { #expect(process.isRunning) }
        }
    }
}

/// The command line on some host.
private struct Client {
    let hosts: Hosts
    let network: NetworkSite
    let bus: String

    func run(
        _ arguments: [String], as name: String, on host: Int
    ) async throws -> (status: Int32, lines: [String], errors: [String]) {
        try await finish(
            hosts.start(
                Binaries.path(Binaries.client), arguments + network.connecting(as: name, to: bus), on: host,
                environment: network.site.environment))
    }

    /// How many bytes a socket says to somebody who says a greeting without security and then listens.
    func bytes(from address: String, port: Int, on host: Int) async throws -> Int {
        let greeting = #"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL"# + String(repeating: #"\0"#, count: 48)
        let script = "exec 3<>/dev/tcp/\(address)/\(port); printf '\(greeting)' >&3; timeout 4 cat <&3 | wc -c"
        let output = try await finish(
            hosts.start("/bin/bash", ["-c", script], on: host, environment: network.site.environment))
        return try #require(output.lines.first.flatMap { Int($0) }, "\(output.errors)")
    }

    private func finish(
        _ process: TestProcess
    ) async throws -> (status: Int32, lines: [String], errors: [String]) {
        let exit = try await process.waitForExit(within: .seconds(30))
        for output in [process.standardOutput, process.standardError] {
            _ = await output.first(within: .seconds(5)) { _ in false }
        }
        guard case .status(let status) = exit else { throw NotInTime("it ended by \(exit)") }
        return (status, process.standardOutput.all, process.standardError.all)
    }
}
