import ArgumentParser
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
        do throws(FailureReport) {
            let paths = Paths()
            if options.salvage {
                try SalvageCommand.run(path: options.storePath(paths))
                return
            }
            let configuration = try options.configuration(paths: paths)
            let logger = try Log.bootstrap(service: "receiver")
            try paths.prepare(bus: configuration.bus)
            await ServiceMain.run(ReceiverOptions.command, logger: logger) {
                let counters = Counters(service: "receiver")
                let receiver = try Receiver(configuration, counters: counters, logger: logger)
                let services: [any Service] = [receiver, Hangup { await receiver.reread() }]
                guard let address = configuration.ops else { return services }
                let ops = OpsServer(address: address, counters: counters, logger: logger) {
                    await receiver.readiness()
                }
                return [ops] + services
            }
        } catch {
            ServiceMain.end(ReceiverOptions.command, because: error)
        }
    }
}
