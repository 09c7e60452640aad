import ArgumentParser
import Logging
import Messages
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

    /// Not among the settings that other commands share.
    static let refuse2011 = Setting(
        name: "refuse-2011", kind: .flag, help: "Refuse messages with 2011 signatures, which anybody can forge.")

    static let settings: [Setting] = [.bus, .store, .channels, refuse2011, .ops, .logLevel, .logFormat]

    @Option(help: ArgumentHelp(stringLiteral: Setting.bus.help + " (default: the runtime directory's)"))
    var bus: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.store.help + " (default: store.sqlite in the data directory)"))
    var store: String?

    @Option(
        name: .customLong("channel"), parsing: .singleValue,
        help: "A channel to keep, by name (repeatable; default: tweets).")
    var channels: [String] = []

    @Flag(name: .customLong("refuse-2011"), help: ArgumentHelp(stringLiteral: refuse2011.help))
    var refuses2011 = false

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
        ReceiverConfiguration(
            bus: bus ?? paths.defaultBus, store: try storePath(paths), channels: try keptChannels(),
            refuses2011: refuses2011, ops: try opsAddress())
    }

    private func storePath(_ paths: Paths) throws(FailureReport) -> String {
        guard let store else { return paths.defaultStore }
        guard !store.isEmpty else { throw FailureReport("--store: the path is empty", status: .usage) }
        // Absolute, so that what is logged means the same everywhere.
        return store.hasPrefix("/") ? store : URL(fileURLWithPath: store).path
    }

    private func keptChannels() throws(FailureReport) -> [Channel] {
        var kept: [Channel] = []
        for name in channels {
            do throws(MessageError) {
                let channel = try Channel(name)
                if !kept.contains(channel) { kept.append(channel) }
            } catch {
                throw FailureReport("--channel '\(SafeText.line(name))': \(error.message)", status: .usage)
            }
        }
        guard kept.count <= Limits.channels else {
            throw FailureReport("--channel: at most \(Limits.channels) channels, not \(kept.count)", status: .usage)
        }
        return kept.isEmpty ? [.tweets] : kept
    }

    private func opsAddress() throws(FailureReport) -> ListenAddress? {
        guard let ops, ops != "off" else { return nil }
        guard let address = ListenAddress(ops) else {
            throw FailureReport(
                "--ops '\(SafeText.line(ops))': \(ListenAddress.expectation)", status: .usage)
        }
        return address
    }
}
