import Glibc
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import ServiceRuntime

/// The HTTP server: listens, and hands every request to the ``Site``.
struct HTTPFace: Service {
    let address: ListenAddress
    let site: Site
    let connections: Connections
    let logger: Logger
    var onStart: @Sendable () -> Void = {}

    /// Whether every thread that serves requests comes round.
    func isAlive() async -> Bool {
        for loop in HTTPFace.threads.makeIterator() {
            guard (try? await loop.submit {}.get()) != nil else { return false }
        }
        return true
    }

    private static var threads: MultiThreadedEventLoopGroup { .singleton }

    /// Serves until graceful shutdown; cancellation is one too, because open connections must be closed in order.
    /// - Throws: ``FailureReport`` that names the address when it cannot be used.
    func run() async throws {
        if case .unix(let path) = address { try HTTPFace.check(socket: path) }
        do {
            let group = ServiceGroup(configuration: .init(services: [application], logger: quietLogger))
            // A task of its own: cancelled in the middle, connections that nobody has taken yet would be lost open.
            let serving = Task { try await group.run() }
            let watching = Task { await endSlowHeads() }
            defer { watching.cancel() }
            try await withTaskCancellationOrGracefulShutdownHandler {
                try await serving.value
            } onCancelOrGracefulShutdown: {
                Task { await group.triggerGracefulShutdown() }
            }
        } catch let error as IOError {
            throw FailureReport("cannot serve --http at \(address): \(describe(errno: error.errnoCode))")
        }
        if case .unix(let path) = address { unlink(path) }
    }

    private func endSlowHeads() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let ended = connections.endSlowHeads(now: NIODeadline.now().uptimeNanoseconds)
            if ended > 0 { site.counters.add("connections_slow", UInt64(ended)) }
        }
    }

    var application: some ApplicationProtocol {
        let quiet = quietLogger
        let (site, connections) = (site, connections)
        var configuration = ApplicationConfiguration(
            address: bindAddress,
            availableConnectionsDelegate: .maximum(connections.capacity + Limits.closingConnections, logger: quiet))
        configuration.backlog = Limits.connectionBacklog
        return Application(
            responder: site,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        IdleStateHandler(writeTimeout: .seconds(Limits.stallSeconds)), StalledReaders(),
                        HTTPRulesInstaller(
                            ConnectionGuard(connections, proxies: site.proxies, counters: site.counters)),
                    ],
                    idleTimeout: .seconds(Limits.idleSeconds),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Limits.headerBytes, maxHeaderListSize: Limits.headerBytes,
                        maxHeaderFieldCount: Limits.headerFields))),
            configuration: configuration, onServerRunning: { channel in ready(channel) },
            eventLoopGroupProvider: .shared(HTTPFace.threads), logger: quiet)
    }

    /// The frameworks' own lines are for those who look for them.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    private var bindAddress: BindAddress {
        switch address {
        case .ip(let host, let port): .hostname(host, port: port)
        case .unix(let path): .unixDomainSocket(path: path)
        }
    }

    private func ready(_ channel: any Channel) {
        defer { onStart() }
        switch address {
        case .ip(let host, let port):
            let bound = ListenAddress.ip(host: host, port: channel.localAddress?.port ?? port)
            logger.notice("the wall is served", metadata: ["address": "http://\(bound)\(site.base)/tweets"])
        case .unix(let path):
            // Who may connect is decided by the directory; a proxy runs as another user.
            chmod(path, 0o666)
            logger.notice("the wall is served", metadata: ["address": "\(address)"])
        }
    }
}

extension HTTPFace {
    /// A socket file that nobody listens at is left from a process that was killed, and is replaced.
    /// - Throws: ``FailureReport`` where something else is there, or somebody listens.
    private static func check(socket path: String) throws(FailureReport) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw FailureReport("cannot serve --http at unix:\(path): a file that is no socket is there")
        }
        guard !UnixSocket.isServed(path) else {
            throw FailureReport("cannot serve --http at unix:\(path): another process serves there")
        }
    }
}
