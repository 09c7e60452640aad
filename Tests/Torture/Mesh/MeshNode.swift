import Bus
import BusClient
import Foundation
import Messages
import TestSupport

/// One node of a real mesh: a router, mostly with a receiver, and our line to its bus.
final class MeshNode: Sendable {
    let name: String
    /// The address that the others should know it by.
    let address: Address
    let client: BusClient
    let router: TestProcess
    private let receiver: TestProcess?
    /// Its namespace goes with the last reference.
    private let host: Host?
    private let site: TestSite
    private let identity = Identity.generate(.ed25519)

    /// Starts a node with a receiver on a host of an ``Internet``.
    static func start(_ name: String, on host: Host, seeds: [MeshNode]) throws -> MeshNode {
        guard let address = Address(host.address) else { throw NotInTime("'\(host.address)' is no address") }
        let listen = host.isBehindNAT ? "0.0.0.0:\(address.port)" : "\(address)"
        return try MeshNode(name, address, listen: listen, seeds: seeds, host: host) {
            try host.space.start($0, $1, environment: $2)
        }
    }

    /// Starts a router alone on a free port of this machine.
    static func start(_ name: String, seeds: [MeshNode]) throws -> MeshNode {
        guard let address = Address("127.0.0.1", port: try FreePort.udp()) else { throw NotInTime("no address") }
        return try MeshNode(name, address, listen: "\(address)", seeds: seeds, host: nil) {
            try TestProcess(Binaries.path($0), $1, environment: $2)
        }
    }

    private init(
        _ name: String, _ address: Address, listen: String, seeds: [MeshNode], host: Host?,
        _ start: (_ program: String, _ arguments: [String], _ environment: [String: String]) throws -> TestProcess
    ) throws {
        self.name = name
        self.address = address
        self.host = host
        site = try TestSite()
        let flags = seeds.flatMap { ["--seed", "\($0.address)"] }
        router = try start(Binaries.router, ["--bus", site.bus, "--udp", listen] + flags, site.environment)
        receiver =
            host == nil
            ? nil
            : try start(
                Binaries.receiver,
                ["--bus", site.bus, "--store", site.directory.file("store.sqlite"), "--stranger-rate", "off"],
                site.environment)
        client = try BusClient(bus: site.bus, name: name)
    }

    /// Waits until the router answers, and its receiver is there.
    func awaitReady(within limit: Duration = .seconds(20)) async throws {
        try await eventually("\(name) is ready", within: limit) {
            try self.checkThatItLives()
            let status = try await self.client.status(timeout: .seconds(2))
            return self.receiver == nil || status.stores.contains { $0.receivers > 0 }
        }
    }

    func status() async throws -> StatusReport { try await client.status(timeout: .seconds(5)) }

    /// Publishes a new message; its receipt says who took it.
    func publish(_ text: String) async throws -> Bus.Receipt {
        let message = try identity.sign(text, channel: .tweets, at: Timestamp.now)
        return try await client.publish(message, acks: receiver == nil ? 0 : 1, timeout: .seconds(10))
    }

    /// The messages of the store after a position, and the position of the last.
    func stored(after position: UInt64) async throws -> (ids: [MessageID], position: UInt64) {
        var (ids, last): ([MessageID], UInt64) = ([], position)
        while true {
            let answer = try await client.query(.after(position: last, limit: UInt32(BusLimits.pageRows)))
            guard case .rows(let rows, let more) = answer.body else { throw NotInTime("\(name): \(answer.body)") }
            ids += rows.map(\.stored.message.id)
            last = rows.last?.position ?? last
            guard more else { return (ids, last) }
        }
    }

    func checkThatItLives() throws {
        for process in [router, receiver].compactMap({ $0 }) where !process.isRunning {
            throw NotInTime("a process of \(name) has ended by itself\n\(process.transcript)")
        }
    }

    func stop() async throws {
        await client.close()
        for process in [receiver, router].compactMap({ $0 }) {
            process.signal(SIGTERM)
            guard try await process.waitForExit(within: .seconds(6)) == .status(0) else {
                throw NotInTime("\(name) did not end well\n\(process.transcript)")
            }
        }
    }
}

extension [MeshNode] {
    func awaitReady() async throws { for node in self { try await node.awaitReady() } }

    /// Stops all of them, the last one first.
    func stop() async throws { for node in reversed() { try await node.stop() } }

    /// Waits until every router has proven lines to so many peers.
    func awaitLines(_ count: Int, within limit: Duration) async throws {
        for node in self {
            try await eventually("\(node.name) has \(count) lines", within: limit, every: .milliseconds(200)) {
                try await node.status().lines.proven >= count
            }
        }
    }
}
