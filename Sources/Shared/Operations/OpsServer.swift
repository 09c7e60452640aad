import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import ServiceRuntime

/// The small HTTP server behind `--ops`: `GET` and `HEAD` of `/livez`, `/readyz` and `/metrics`.
package struct OpsServer: Service {
    private let address: ListenAddress
    private let counters: Counters
    private let health: ServiceHealth
    private let logger: Logger

    /// - Parameter health: asked at each `/livez` and `/readyz`; the answer is 200 or 503.
    package init(address: ListenAddress, counters: Counters, logger: Logger, health: ServiceHealth) {
        self.address = address
        self.counters = counters
        self.health = health
        self.logger = logger
    }

    /// Listens until graceful shutdown or cancellation.
    /// - Throws: ``FailureReport`` that names the address when it cannot be used.
    package func run() async throws {
        try await run(onBound: { _ in })
    }

    /// As ``run()``; `onBound` gets the address with the port that the system chose.
    func run(onBound: @Sendable (ListenAddress) -> Void) async throws {
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
        let connections = ConnectionLimit(maximum: Limits.opsConnections)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Limits.opsConnections)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard connections.enter() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in connections.leave() }
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
        } catch let error as IOError {
            throw FailureReport("cannot serve --ops at \(address): \(describe(errno: error.errnoCode))")
        } catch {
            throw FailureReport("cannot serve --ops at \(address): \(error)")
        }
    }

    private func listenAddress(of channel: any Channel) -> ListenAddress {
        guard case .ip(let host, _) = address, let port = channel.localAddress?.port else { return address }
        return .ip(host: host, port: port)
    }
}
