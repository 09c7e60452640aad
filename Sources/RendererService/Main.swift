import BusSecurity
import Logging
import Messages
import ServiceLifecycle
import ServiceRuntime

@main
struct Main {
    static func main() async {
        MemoryTuning.apply()
        OpenFileLimit.raise()
        let options = ServiceMain.parse(
            RendererOptions.command, settings: RendererOptions.settings,
            using: { try RendererOptions.parse($0) },
            explain: { (RendererOptions.fullMessage(for: $0), RendererOptions.exitCode(for: $0).rawValue) })
        let logger: Logger
        do throws(FailureReport) {
            logger = try Log.bootstrap(service: "renderer")
        } catch {
            ServiceMain.end(RendererOptions.command, because: error)
        }
        await ServiceMain.run(RendererOptions.command, logger: logger) { try services(options, logger: logger) }
    }

    private static func services(_ options: RendererOptions, logger: Logger) throws -> [any Service] {
        let wall = try BusWall(bus: options.security.bus, keys: options.security.clientKeys())
        let renderer = Renderer(
            wall: wall, keys: options.keys ?? KeyStore.standardDirectory(environment: Environment.current),
            base: options.basePath, trusted: options.trustedProxies, logger: logger)
        var services: [any Service] = [wall]
        if let address = options.ops {
            services.append(
                OpsServer(address: address, counters: renderer.counters, logger: logger) {
                    await wall.missing().map(Readiness.notReady) ?? .ready
                })
        }
        return services + [renderer.face(at: options.http), renderer.hub]
    }
}
