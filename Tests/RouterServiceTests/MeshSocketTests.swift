import Dispatch
import Glibc
import ServiceRuntime
import Synchronization
import Telehash
import TelehashWire
import TestSupport
import Testing

@testable import RouterService

/// The switch's socket with a system that does not do what it should.
@Suite(.timeLimit(.minutes(1))) struct MeshSocketTests {
    /// Makes real sockets on 127.0.0.1, unless it was told to fail.
    private final class Opener: Sendable {
        private let state = Mutex<(made: [UDPSocket], fails: CInt?)>(([], nil))

        func fail(_ code: CInt?) { state.withLock { $0.fails = code } }

        var made: [UDPSocket] { state.withLock { $0.made } }

        func open(_ host: String, _ port: Int) throws(SocketError) -> UDPSocket {
            if let code = state.withLock({ $0.fails }) { throw SocketError(code: code) }
            let socket = try UDPSocket(bindingTo: host, port: port, bufferBytes: 65_536)
            state.withLock { $0.made.append(socket) }
            return socket
        }
    }

    private func open(
        _ opener: Opener, seeds: [Endpoint] = [], awaitsSeeds: Bool = false,
        report: @escaping @Sendable ([MeshEvent]) -> Void = { _ in }
    ) throws -> MeshSocket {
        try MeshSocket(
            .ip(host: "127.0.0.1", port: 0), seeds: SeedAddresses(endpoints: seeds, awaitsMore: awaitsSeeds), known: [],
            advertised: nil, networks: OwnNetworks(),
            opener: { (host, port) throws(SocketError) in try opener.open(host, port) }, report: report)
    }

    @Test(arguments: [false, true]) func message_waitsForTheNamesOfSeeds_thatAreLookedUpAtTheStart(
        awaitsSeeds: Bool
    ) async throws {
        let events = Mailbox<MeshEvent>()
        let mesh = try open(Opener(), awaitsSeeds: awaitsSeeds) { for event in $0 { events.append(event) } }
        let message = try HubRig.message("early")
        mesh.apply { node, now, random, effects in
            node.publish(
                message.signals, end: message.end, as: PublicationID(value: 1), now: now, using: &random, into: &effects
            )
        }
        await mesh.turn()
        let isOver = events.all.contains { if case .progress(let progress) = $0 { progress.finished } else { false } }
        #expect(isOver != awaitsSeeds)
        await mesh.close()
    }

    private func status(_ mesh: MeshSocket) async throws -> MeshStatus { try #require(await mesh.status()) }

    /// A telex that every switch answers.
    private let question =
        #"{"_ring":5,"+end":"8bf1cce916417d16b7554135b6b075fb16dd26ce","pad":"\#(String(repeating: ".", count: 90))"}"#

    @Test func socketThatIsLost_isBoundAgainOnItsPort_andTheSwitchLivesOn() async throws {
        let opener = Opener()
        let mesh = try open(opener)
        guard case .ip(_, let port) = mesh.bound else { return }
        let peer = try UDPPeer()
        try peer.send(question, to: UInt16(port))
        #expect(await peer.first(within: .seconds(5)) != nil)

        opener.fail(EADDRNOTAVAIL)
        // As when the system destroys a socket: poll says that it is broken.
        shutdown(try #require(opener.made.first).descriptor, CInt(SHUT_RDWR))
        try await eventually("the loss is noticed", within: .seconds(5)) {
            try await self.status(mesh).udp.unboundFor != nil
        }
        let lost = try await status(mesh)
        try await eventually("it is tried, in vain", within: .seconds(5)) {
            try await self.status(mesh).udp.why == "\(SocketError(code: EADDRNOTAVAIL))"
        }
        #expect(lost.counters["udp_socket_losses"] == 1)

        opener.fail(nil)
        try await eventually("it is bound again", within: .seconds(10)) {
            try await self.status(mesh).udp.unboundFor == nil
        }
        #expect(opener.made.map(\.address) == [mesh.bound, mesh.bound], "where it was")
        let before = peer.received.all.count
        try peer.send(question, to: UInt16(port))
        #expect(await peer.received.first(from: before, within: .seconds(5)) != nil, "it hears and answers")
        let after = try await status(mesh)
        #expect(after.counters["telexes_received"] == 2, "the same switch as before")
        await mesh.close()
    }

    @Test func sends_thatFail_closeNothing() async throws {
        let opener = Opener()
        // A socket of 127.0.0.1 can't send to the world, and nobody may send to a broadcast address.
        let world = ["192.0.2.1:42424", "198.51.100.1:42424", "203.0.113.7:42424"].compactMap { Endpoint($0) }
        let peer = try UDPPeer()
        let near = try #require(Endpoint("127.0.0.1:\(peer.port)"))
        let mesh = try open(opener, seeds: world + [near])
        #expect(await peer.first(within: .seconds(5)) != nil, "the last seed is dialled all the same")
        let status = try await status(mesh)
        #expect(status.counters["udp_send_unreachable", default: 0] >= UInt64(world.count))
        #expect(status.udp.unboundFor == nil && status.counters["udp_socket_losses"] == 0)
        await mesh.close()
    }

    @Test(
        arguments: [
            (EAFNOSUPPORT, "[::]", "no IPv6"), (EADDRINUSE, "0.0.0.0", "another program"),
            (EACCES, "0.0.0.0", "above 1023"), (EADDRNOTAVAIL, "192.0.2.1", "no such address"),
            (EADDRNOTAVAIL, "2001:db8::1", "[::]:42424"), (ENOBUFS, "0.0.0.0", "--udp"), (EPERM, "::", "--udp"),
        ] as [(CInt, String, String)])
    func addressThatCannotBeUsed_isASentenceThatSaysWhatToDo(_ code: CInt, _ host: String, _ words: String) throws {
        let literal = host.trimmingPrefix("[").prefix { $0 != "]" }
        let address = ListenAddress.ip(host: String(literal), port: 42_424)
        let report = FailureReport(SocketError(code: code), listeningAt: address)
        #expect(report.status == .failed)
        #expect(report.message.hasPrefix("cannot listen on UDP \(address): "))
        #expect(report.message.contains(words) && report.message.contains("--udp"), "\(report.message)")
        for raw in ["errno", "IOError", "bind("] { #expect(!report.message.contains(raw)) }
    }

    @Test func view_knowsLoopback_andDoesNotChangeByItself() {
        let view = NetworkView.current(ipv6: false)
        let loopback = OwnNetworks.Interface(address: .v4(0x7f00_0001), prefixLength: 8)
        #expect(view.networks.interfaces.contains(loopback))
        #expect(NetworkView.current(ipv6: false) == view)
    }
}
