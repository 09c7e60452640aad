import ArgumentParser
import Operations
import ServiceLifecycle
import ServiceRuntime

/// `p2pmsg-receiver`: the process that owns a store.
@main
struct Main {
    static func main() async {
        MemoryTuning.apply()
        OpenFileLimit.raise()
        let options = ServiceMain.parse(
            ReceiverOptions.command, settings: ReceiverOptions.settings,
            using: { try ReceiverOptions.parse($0) },
            explain: { (ReceiverOptions.fullMessage(for: $0), ReceiverOptions.exitCode(for: $0).rawValue) })
        do {
            let paths = Paths()
            if options.salvage {
                try SalvageCommand.run(options.storeLocation(paths))
                ServiceMain.end(ReceiverOptions.command)
            }
            let logger = Log.bootstrap(service: "receiver", level: options.logLevel, format: options.logFormat)
            let configuration = try options.configuration(paths: paths)
            try configuration.prepare(paths)
            if options.channels.isEmpty, let hint = Setting.channelHint(environment: Environment.current) {
                logger.notice("\(hint)")
            }
            await ServiceMain.run(ReceiverOptions.command, logger: logger) {
                let counters = Counters(service: "receiver", catalogue: .receiver)
                let start = StartGate()
                let receiver = try Receiver(configuration, counters: counters, logger: logger, onStart: start.open)
                let health = ServiceHealth(start: start, isAlive: receiver.isAlive, isReady: receiver.readiness)
                return health.around(
                    [receiver, await Hangup { await receiver.reread() }], ops: configuration.ops, counters: counters,
                    logger: logger)
            }
        } catch OutputError.readerGone {
            return
        } catch {
            ServiceMain.end(ReceiverOptions.command, because: error)
        }
    }
}
