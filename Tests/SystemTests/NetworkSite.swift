import BusSecurity
import Foundation
import Messages
import TestSupport
import ZeroMQ

/// What a node on the network needs: key pairs by name and allow-lists, all in one site's directories.
struct NetworkSite: Sendable {
    let site: TestSite
    private let keys: [String: String]

    /// Makes a service key for each name, with the command line as an operator does.
    static func make(_ names: [String], site: TestSite? = nil) async throws -> NetworkSite {
        let site = try site ?? TestSite()
        var keys: [String: String] = [:]
        for name in names {
            let made = try await site.run(Binaries.client, ["key", "new", name, "--service", "--json"])
            guard made.status == 0, let key = try made.json().first?["key"].string else {
                throw NotInTime("key new \(name) failed: \(made.errorText)")
            }
            keys[name] = key
        }
        return NetworkSite(site: site, keys: keys)
    }

    func publicKey(_ name: String) -> String { keys[name] ?? "" }

    /// Writes an allow-list of `role name` pairs and returns its path.
    @discardableResult
    func allow(_ users: [(role: String, name: String)], in file: String) throws -> String {
        let lines = users.map { "\($0.role)  \(publicKey($0.name))  \($0.name)" }
        return try site.directory.write("# role key name\n" + lines.joined(separator: "\n") + "\n", to: file)
    }

    /// The keys with which a client in this process connects.
    func keys(of name: String) throws -> BusKeys {
        guard let router = CurveKey(publicKey("router")) else { throw NotInTime("there is no router's key") }
        let store = KeyStore(directory: site.directory.file("data/p2pmsg/keys"))
        return BusKeys(own: try ServiceKey.load(name, from: store), router: router)
    }

    /// The file of the default bus over `ipc://`.
    var socketPath: String { String(site.bus.dropFirst("ipc://".count)) }

    /// What a process that connects is started with.
    func connecting(as name: String, to bus: String, router: String = "router") -> [String] {
        ["--bus", bus, "--service-key", name, "--router-key=\(publicKey(router))"]
    }
}

/// A router, a receiver and a renderer on 127.0.0.1, which know each other by keys.
struct NetworkNode: Sendable {
    let network: NetworkSite
    let bus: String
    let busPort: UInt16
    let router: TestProcess
    let receiver: TestProcess
    let renderer: TestProcess
    let page: HTTPClient

    var site: TestSite { network.site }

    static func start(more names: [String] = []) async throws -> NetworkNode {
        let network = try await NetworkSite.make(["router", "store", "page", "alice"] + names)
        let site = network.site
        let users = [("receiver", "store"), ("renderer", "page"), ("client", "alice")]
        let (forRouter, forReceiver) = (
            try network.allow(users, in: "router.allow"), try network.allow(users, in: "receiver.allow")
        )
        let (port, udp) = (try FreePort.tcp(), try FreePort.udp())
        let bus = "tcp://127.0.0.1:\(port)"
        let router = try site.start(
            Binaries.router,
            ["--bus", bus, "--udp", "127.0.0.1:\(udp)", "--service-key", "router", "--allow", forRouter])
        let receiver = try site.start(
            Binaries.receiver,
            network.connecting(as: "store", to: bus)
                + ["--listen", "127.0.0.1", "--allow", forReceiver, "--store", site.directory.file("store.sqlite")])
        let face = site.directory.file("wall.sock")
        let renderer = try site.start(
            Binaries.renderer, network.connecting(as: "page", to: bus) + ["--http", "unix:" + face])
        let node = NetworkNode(
            network: network, bus: bus, busPort: port, router: router, receiver: receiver, renderer: renderer,
            page: HTTPClient(.unix(path: face)))
        try await eventually("the node is whole", within: .seconds(15)) {
            try await node.page.get("/readyz").status == 200
        }
        return node
    }

    /// Runs the command line with somebody's key.
    func cli(_ arguments: [String], as name: String = "alice", router: String = "router") async throws
        -> TestSite.Output
    {
        try await site.run(Binaries.client, arguments + network.connecting(as: name, to: bus, router: router))
    }

    func counters() async throws -> [String: JSON] {
        let status = try await cli(["status", "--json"])
        return try status.json().first?["counters"].object ?? [:]
    }

    func counter(_ name: String) async throws -> Int { try await counters()[name]?.int ?? 0 }
}
