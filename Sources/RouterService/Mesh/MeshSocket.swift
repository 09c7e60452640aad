import ServiceRuntime
import Telehash
import TelehashWire

/// Switches worth knowing after a restart, and lines that go on after one.
typealias Acquaintances = (contacts: [Endpoint], lines: [RememberedLine])

/// The switch with its UDP socket, on a thread of its own.
final class MeshSocket: Sendable {
    /// Bytes that the kernel keeps for us while the loop is busy: 50 ms of 40,000 telexes of 440 bytes a second, with
    /// the kernel's overhead. Without `CAP_NET_ADMIN` the kernel cuts it to `net.core.rmem_max`.
    static let bufferBytes = 4 * 1024 * 1024

    private let loop: MeshLoop
    /// Where the socket listens, with the port that the system chose.
    let bound: ListenAddress

    private init(_ loop: MeshLoop, bound: ListenAddress) {
        self.loop = loop
        self.bound = bound
    }

    /// Makes sockets, so that tests can have some that fail.
    typealias Opener = @Sendable (_ host: String, _ port: Int) throws(SocketError) -> UDPSocket

    /// Binds and starts the switch.
    ///
    /// - Parameter report: gets what the bus has to know; called on the switch's thread, must not block.
    /// - Throws: ``FailureReport`` that names the address when it cannot be used.
    static func open(
        _ address: ListenAddress, seeds: SeedAddresses, known: [Endpoint], remembered: [RememberedLine] = [],
        advertised: Endpoint?, networks: OwnNetworks,
        opener: @escaping Opener = { (host, port) throws(SocketError) in
            try UDPSocket(bindingTo: host, port: port, bufferBytes: MeshSocket.bufferBytes)
        },
        report: @escaping @Sendable ([MeshEvent]) -> Void
    ) throws(FailureReport) -> MeshSocket {
        guard case .ip(let host, let port) = address else {
            throw FailureReport("--udp \(address): a UDP socket needs ADDRESS:PORT", status: .usage)
        }
        do throws(SocketError) {
            let socket = try opener(host, port)
            let configuration = Switch.Configuration(
                seeds: seeds.endpoints, known: known, remembered: remembered, advertised: advertised,
                bound: literal(socket.address), speaksIPv6: socket.isIPv6, networks: networks)
            let loop = try MeshLoop {
                MeshCore(
                    configuration, socket: socket, awaitsSeeds: seeds.awaitsMore,
                    binder: { () throws(SocketError) in try opener(host, socket.port) }, report: report)
            }
            return MeshSocket(loop, bound: socket.address)
        } catch {
            throw FailureReport(error, listeningAt: address)
        }
    }

    /// Applies an event to the switch. Never blocks.
    func apply(
        _ body: @escaping @Sendable (inout Switch, Instant, inout SystemRandomNumberGenerator, inout [Effect]) -> Void
    ) {
        loop.post { $0.apply(body) }
    }

    /// Hands the switch's state to `body`, on the switch's thread; never, when that has ended.
    func status(_ body: @escaping @Sendable (MeshStatus) -> Void) {
        loop.post { body($0.status()) }
    }

    /// Returns when the switch's thread has come round; at once when there is none any more.
    func turn() async { _ = await loop.ask { _ in true } }

    /// The switch's state; nil when it has ended.
    func status() async -> MeshStatus? { await loop.ask { $0.status() } }

    /// The switches worth knowing after a restart, and the lines that go on after one.
    func acquaintances(limit: Int) async -> Acquaintances {
        await loop.ask { $0.acquaintances(limit: limit) } ?? ([], [])
    }

    func close() async { await loop.end() }

    /// The own address, unless the socket listens on all of them.
    private static func literal(_ bound: ListenAddress) -> Endpoint? {
        guard let endpoint = Endpoint(bound.description), !endpoint.isWildcard else { return nil }
        return endpoint
    }
}

extension Endpoint {
    var isWildcard: Bool {
        switch address {
        case .v4(let bits): bits == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }
}
