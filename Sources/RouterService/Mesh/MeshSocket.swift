import Logging
import NIOCore
import NIOPosix
import ServiceRuntime
import Telehash

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The UDP socket with the switch behind it, on an event loop of its own.
final class MeshSocket: Sendable {
    /// Bytes that the kernel keeps for us while the loop is busy: 50 ms of 40,000 telexes of 440 bytes a second, with
    /// the kernel's overhead. Without `CAP_NET_ADMIN` the kernel cuts it to `net.core.rmem_max`.
    private static let bufferBytes = 4 * 1024 * 1024

    /// Datagrams read with one system call.
    private static let datagramsPerRead = 64

    /// Bytes for one datagram: the largest telex that is accepted and one more, so that a longer one is seen as such.
    private static let datagramBytes = 8_192 + 1

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let handler: NIOLoopBound<MeshHandler>
    /// Where the socket listens, with the port that the system chose.
    let bound: SocketAddress

    private init(
        group: MultiThreadedEventLoopGroup, channel: any Channel, handler: NIOLoopBound<MeshHandler>,
        bound: SocketAddress
    ) {
        self.group = group
        self.channel = channel
        self.handler = handler
        self.bound = bound
    }

    /// Binds and starts the switch.
    ///
    /// - Throws: ``FailureReport`` that names the address when it cannot be used.
    static func open(
        _ address: ListenAddress, seeds: [Endpoint], known: [Endpoint], remembered: [RememberedLine] = [],
        advertised: Endpoint?,
        report: @escaping @Sendable ([MeshEvent]) -> Void
    ) async throws -> MeshSocket {
        guard case .ip(let host, let port) = address else {
            throw FailureReport("--udp \(address): a UDP socket needs ADDRESS:PORT", status: .usage)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let channel = try await bootstrap(on: group).bind(host: host, port: port).get()
            guard let bound = channel.localAddress else { throw FailureReport("the UDP socket has no address") }
            await channel.ignoreBufferCeiling(bufferBytes)
            let configuration = Switch.Configuration(
                seeds: seeds, known: known, remembered: remembered, advertised: advertised, bound: literal(bound))
            let handler = try await channel.eventLoop.submit {
                let handler = MeshHandler(configuration: configuration, report: report)
                try channel.pipeline.syncOperations.addHandler(handler)
                handler.begin()
                return NIOLoopBound(handler, eventLoop: channel.eventLoop)
            }.get()
            return MeshSocket(group: group, channel: channel, handler: handler, bound: bound)
        } catch {
            try? await group.shutdownGracefully()
            guard let failure = error as? IOError else { throw error }
            throw FailureReport(describing: failure, address: address)
        }
    }

    /// Applies an event to the switch. Never blocks.
    func apply(
        _ body: @escaping @Sendable (inout Switch, Instant, inout SystemRandomNumberGenerator, inout [Effect]) -> Void
    ) {
        channel.eventLoop.execute { [handler] in handler.value.apply(body) }
    }

    /// Hands the switch's state to `body`, on the event loop.
    func status(_ body: @escaping @Sendable (MeshStatus) -> Void) {
        channel.receiveDrops().whenComplete { [handler] drops in
            body(handler.value.status(receiveDrops: (try? drops.get()) ?? 0))
        }
    }

    /// Returns when the event loop has come round; at once when there is none any more.
    func turn() async { try? await channel.eventLoop.submit {}.get() }

    /// The switches worth knowing after a restart, and the lines that go on after one.
    func acquaintances(limit: Int) async -> (contacts: [Endpoint], lines: [RememberedLine]) {
        let found = channel.eventLoop.submit { [handler] in handler.value.acquaintances(limit: limit) }
        // The loop is gone only when the socket is closed.
        return (try? await found.get()) ?? ([], [])
    }

    func close() async {
        try? await channel.close().get()
        try? await group.shutdownGracefully()
    }

    private static func bootstrap(on group: MultiThreadedEventLoopGroup) -> DatagramBootstrap {
        DatagramBootstrap(group: group)
            .channelOption(.datagramVectorReadMessageCount, value: datagramsPerRead)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: datagramsPerRead * datagramBytes)
            )
            .channelOption(.maxMessagesPerRead, value: 16)
            .channelOption(.socketOption(.so_rcvbuf), value: bufferBytes)
            .channelOption(.socketOption(.so_sndbuf), value: bufferBytes)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: 4 << 20))
    }

    /// The own address, unless the socket listens on all of them.
    private static func literal(_ bound: SocketAddress) -> Endpoint? {
        guard let endpoint = Endpoint(bound), !endpoint.isWildcard else { return nil }
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

extension FailureReport {
    fileprivate init(describing error: IOError, address: ListenAddress) {
        let why =
            switch error.errnoCode {
            case EADDRINUSE: "another program uses that port (is a router running already?); choose another with --udp"
            case EACCES: "this user may not use that port; choose one above 1023 with --udp"
            case EADDRNOTAVAIL: "this machine has no such address"
            default: "\(error)"
            }
        self.init("cannot listen on UDP \(address): \(why)")
    }
}
