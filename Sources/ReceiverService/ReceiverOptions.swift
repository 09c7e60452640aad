import ArgumentParser
import Bus
import BusSecurity
import Logging
import Messages
import ReceiverStore
import SQLiteStore
import ServiceRuntime

import struct Foundation.URL

/// The command line of `p2pmsg-receiver`.
struct ReceiverOptions: ParsableCommand {
    static let command = "p2pmsg-receiver"

    static let configuration = CommandConfiguration(
        commandName: command, abstract: "Verifies, stores and serves the messages of a p2pmsg node.",
        discussion: """
            Every flag has an environment variable, P2PMSG_ and its name in capitals, and a line in the file of --config. \
            Receivers of one store share the work; a receiver with a store of its own is a replica.
            """,
        version: "\(command) \(Version.current)")

    static let settings: [Setting] = [
        .bus, .busGroup, .busRoles, .serviceKey, .routerKey, .listen, .allow, .keys, .store, .channels, .keep,
        .keepStrangers, .strangerRate, .keyRate, .sourceRate, .allowedKeys, .deniedKeys, .scheme2011, .refuse2011,
        .ops, .logLevel, .logFormat,
    ]

    @Option(help: ArgumentHelp(stringLiteral: Setting.bus.help + " (default: the runtime directory's)"))
    var bus: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.busGroup.help))
    var busGroup: String?

    @Option(
        name: .customLong("bus-role"), parsing: .singleValue, help: ArgumentHelp(stringLiteral: Setting.busRoles.help))
    var busRoles: [String] = []

    @Option(help: ArgumentHelp(stringLiteral: Setting.serviceKey.help))
    var serviceKey: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.routerKey.help))
    var routerKey: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.listen.help + " (default: beside the bus)"))
    var listen: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.allow.help + " (default: nobody)"))
    var allow: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.keys.help + " (default: keys in the data directory)"))
    var keys: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.store.help + " (default: store.sqlite in the data directory)"))
    var store: String?

    @Option(
        name: .customLong("channel"), parsing: .singleValue,
        help: ArgumentHelp(stringLiteral: Setting.channels.help))
    var channels: [String] = []

    @Option(name: .customLong("keep"), parsing: .singleValue, help: ArgumentHelp(stringLiteral: Setting.keep.help))
    var keep: [String] = []

    @Option(help: ArgumentHelp(stringLiteral: Setting.keepStrangers.help), transform: StrangerBytes.parse)
    var keepStrangers = StrangerBytes(bytes: StoreLimits.strangerBytes)

    @Option(help: ArgumentHelp(stringLiteral: Setting.strangerRate.help), transform: StrangerRate.parse)
    var strangerRate = StrangerRate(rate: Limits.strangerRate)

    @Option(help: ArgumentHelp(stringLiteral: Setting.keyRate.help))
    var keyRate: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.sourceRate.help))
    var sourceRate: String?

    @Option(name: .customLong("allow-keys"), help: ArgumentHelp(stringLiteral: Setting.allowedKeys.help))
    var allowedKeys: String?

    @Option(name: .customLong("deny-keys"), help: ArgumentHelp(stringLiteral: Setting.deniedKeys.help))
    var deniedKeys: String?

    @Option(
        name: .customLong("scheme-2011"), help: ArgumentHelp(stringLiteral: Setting.scheme2011.help),
        transform: OnOff.parse)
    var scheme2011 = OnOff.on

    @Flag(name: .customLong("refuse-2011"), help: .hidden)
    var refuses2011 = false

    @Flag(
        help:
            "Write every intact message of the store as JSON lines to standard output, and end. Needs no bus, changes nothing."
    )
    var salvage = false

    @Option(help: ArgumentHelp(stringLiteral: Setting.ops.help))
    var ops: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.logLevel.help), transform: Log.level)
    var logLevel: Logger.Level = Log.defaultLevel

    @Option(help: ArgumentHelp(stringLiteral: Setting.logFormat.help), transform: Log.format)
    var logFormat = LogFormat.text

    @Option(help: ArgumentHelp(stringLiteral: Setting.config.help))
    var config: String?
}

extension ReceiverOptions {
    /// - Throws: ``FailureReport`` of status `usage` that names the setting.
    func configuration(paths: Paths) throws(FailureReport) -> ReceiverConfiguration {
        let security = BusSettings(
            bus: bus ?? paths.servedBus, serviceKey: serviceKey, routerKey: routerKey, allow: allow, listen: listen,
            keys: keys, group: busGroup, roles: busRoles)
        return ReceiverConfiguration(
            bus: security.bus, network: try ReceiverNetwork(security), members: try security.members(),
            directory: try security.listenDirectory(), store: try storeLocation(paths),
            channels: try keptChannels(), refuses2011: refuses2011 || scheme2011 == .off,
            policy: try Policy(files: Policy.Files(allowed: allowedKeys, denied: deniedKeys)), rates: try rates(),
            retention: try retention(), ops: try opsAddress())
    }

    private func rates() throws(FailureReport) -> Rates {
        Rates(
            Rates.Settings(
                key: try rate(keyRate, .keyRate, standard: Limits.keyRate),
                source: try rate(sourceRate, .sourceRate, standard: Limits.sourceRate), strangers: strangerRate.rate))
    }

    private func retention() throws(FailureReport) -> Retention {
        var retention = try Retention(keep)
        retention.strangerBytes = keepStrangers.bytes
        return retention
    }

    private func rate(_ text: String?, _ setting: Setting, standard: Rate) throws(FailureReport) -> Rate? {
        guard let text else { return standard }
        if text == "off" { return nil }
        guard let rate = Rate(text) else {
            throw FailureReport(
                "\(setting.option) '\(SafeText.line(text))': write messages a second and how many at once, as in 20/4000, "
                    + "or off", status: .usage)
        }
        return rate
    }

    /// The one place that knows which kinds of store there are.
    func storeLocation(_ paths: Paths) throws(FailureReport) -> any StoreLocation {
        let value = store ?? paths.defaultStore
        guard !value.isEmpty else { throw FailureReport("--store: the path is empty", status: .usage) }
        let scheme = value.prefix { $0.isLetter }
        guard scheme.isEmpty || !value.dropFirst(scheme.count).hasPrefix("://") else {
            throw FailureReport("--store: no store is opened by \(scheme)://, write the path of a file", status: .usage)
        }
        // Absolute, so that what is logged means the same everywhere.
        return SQLiteFile(value.hasPrefix("/") ? value : URL(fileURLWithPath: value).path)
    }

    private func keptChannels() throws(FailureReport) -> [Channel] {
        var kept: [Channel] = [.tweets]
        for name in channels {
            do throws(MessageError) {
                let channel = try Channel(name)
                if !kept.contains(channel) { kept.append(channel) }
            } catch {
                throw FailureReport("--channel '\(SafeText.line(name))': \(error.message)", status: .usage)
            }
        }
        // As many as its introduction can name.
        guard kept.count <= BusLimits.channels else {
            throw FailureReport("--channel: at most \(BusLimits.channels) channels, not \(kept.count)", status: .usage)
        }
        return kept
    }

    private func opsAddress() throws(FailureReport) -> ListenAddress? {
        guard let ops, ops != "off" else { return nil }
        do throws(FailureReport) { return try ListenAddress.parse(ops) } catch {
            throw FailureReport("--ops '\(SafeText.line(ops))': \(error.message)", status: .usage)
        }
    }
}
