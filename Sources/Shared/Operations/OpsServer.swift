import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import ServiceRuntime

/// The small HTTP server behind `--ops`: `GET` and `HEAD` of `/livez`, `/readyz` and `/metrics`.
struct OpsServer: Service {
    let address: ListenAddress
    let counters: Counters
    let logger: Logger
    /// Asked at each `/livez` and `/readyz`; the answer is 200 or 503.
    let health: ServiceHealth
    /// Gets the address with the port that the system chose.
    var onBound: @Sendable (ListenAddress) -> Void = { _ in }

    /// Listens until graceful shutdown or cancellation.
    /// - Throws: ``FailureReport`` that names the address when it cannot be used.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let channel = try await bind(on: group)
            let bound = listenAddress(of: channel)
            logger.notice("health and metrics are served", metadata: ["ops": "\(bound)"])
            onBound(bound)
            try? await gracefulShutdown()
            try await channel.close().get()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func bind(on group: any EventLoopGroup) async throws -> any Channel {
        let (counters, health) = (counters, health)
        // There is one loop, on which all connections are made and closed.
        let open = NIOLoopBoundBox.makeBoxSendingValue(0, as: Int32.self, eventLoop: group.next())
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Limits.opsConnections)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard open.value < Limits.opsConnections else { return channel.close() }
                open.value += 1
                channel.closeFuture.whenComplete { _ in open.value -= 1 }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(Limits.opsIdleSeconds)))
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(OpsHandler(counters: counters, health: health))
                }
            }
        do {
            switch address {
            case .ip(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
            case .unix(let path):
                return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            }
        } catch {
            let why = (error as? IOError).map { describe(errno: $0.errnoCode) } ?? "\(error)"
            throw FailureReport("cannot serve --ops at \(address): \(why)")
        }
    }

    private func listenAddress(of channel: any Channel) -> ListenAddress {
        guard case .ip(let host, _) = address, let port = channel.localAddress?.port else { return address }
        return .ip(host: host, port: port)
    }
}
