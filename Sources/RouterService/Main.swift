import Operations
import ServiceLifecycle
import ServiceRuntime

/// `p2pmsg-router`: the only process of a node that speaks UDP.
@main
enum Main {
    private static let command = RouterOptions.command

    static func main() async {
        MemoryTuning.apply()
        OpenFileLimit.raise()
        let options = ServiceMain.parse(
            command, settings: RouterOptions.settings, using: { try RouterOptions.parse($0) },
            explain: { (RouterOptions.fullMessage(for: $0), RouterOptions.exitCode(for: $0).rawValue) })
        let logger = Log.bootstrap(service: "router", level: options.logLevel, format: options.logFormat)
        await ServiceMain.run(command, logger: logger) {
            let router = try await Router.start(options, logger: logger)
            let start = StartGate()
            start.open()
            let health = ServiceHealth(
                start: start, isAlive: router.isAlive, trouble: router.trouble, isReady: router.readiness)
            // A signal that asks to read lists again must not end a router that has none.
            let hangup = await Hangup { if options.security.isTCP { await router.rereadAllowed() } }
            return health.around([router, hangup], ops: options.ops, counters: router.counters, logger: logger)
        }
    }
}
