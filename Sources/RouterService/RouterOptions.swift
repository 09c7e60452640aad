import ArgumentParser
import Bus
import BusSecurity
import Logging
import Messages
import ServiceRuntime
import Telehash
import TelehashWire

/// The command line of `p2pmsg-router`.
struct RouterOptions: ParsableCommand {
    static let command = "p2pmsg-router"

    static let configuration = CommandConfiguration(
        commandName: command, abstract: "Routes between the mesh and this node's bus.",
        version: "\(command) \(Version.current)")

    static let settings: [Setting] = [
        .config, .bus, .busGroup, .busRoles, .serviceKey, .allow, .keys, .udp, .seeds, .advertise, .channels, .state,
        .ops, .logLevel,
        .logFormat,
    ]

    @Option(help: "Read settings from this file (lines of name = value).")
    var config: String?

    @Option(help: "Bind the bus here, ipc://PATH or tcp://ADDRESS:PORT.")
    var bus: String = Paths().defaultBus

    @Option(help: ArgumentHelp(stringLiteral: Setting.busGroup.help))
    var busGroup: String?

    @Option(
        name: .customLong("bus-role"), parsing: .singleValue, help: ArgumentHelp(stringLiteral: Setting.busRoles.help))
    var busRoles: [String] = []

    @Option(help: ArgumentHelp(stringLiteral: Setting.serviceKey.help))
    var serviceKey: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.allow.help + " (default: nobody)"))
    var allow: String?

    @Option(help: ArgumentHelp(stringLiteral: Setting.keys.help + " (default: keys in the data directory)"))
    var keys: String?

    @Option(help: "Listen for the mesh here, IP:PORT (default: 0.0.0.0:42424).", transform: ListenAddress.parseIP)
    var udp = ListenAddress.ip(host: "0.0.0.0", port: 42_424)

    @Option(
        help: "A node of the mesh to join, HOST:PORT (repeatable; none: this node is a seed).",
        transform: SeedAddress.parse)
    var seed: [SeedAddress] = []

    @Option(
        help: "The address that others reach this node at, IP:PORT.",
        transform: Endpoint.parse)
    var advertise: Endpoint?

    @Option(
        name: .customLong("channel"), parsing: .singleValue, help: ArgumentHelp(stringLiteral: Setting.channels.help))
    var channels: [ChannelName] = []

    @Option(help: ArgumentHelp(stringLiteral: Setting.state.help + " (default: switches in the data directory)"))
    var state: String?

    @Option(
        help: "Serve /livez, /readyz and /metrics here, ADDRESS:PORT (default: off).", transform: ListenAddress.parse)
    var ops: ListenAddress?

    @Option(help: ArgumentHelp(stringLiteral: Setting.logLevel.help), transform: Log.level)
    var logLevel: Logger.Level = Log.defaultLevel

    @Option(help: ArgumentHelp(stringLiteral: Setting.logFormat.help), transform: Log.format)
    var logFormat = LogFormat.text

    func validate() throws {
        if state?.isEmpty ?? false { throw ValidationError("--state needs a file, or off") }
        guard channels.count <= BusLimits.channels else {
            throw ValidationError("--channel: at most \(BusLimits.channels) channels, not \(channels.count)")
        }
    }

    var security: BusSettings {
        BusSettings(bus: bus, serviceKey: serviceKey, allow: allow, keys: keys, group: busGroup, roles: busRoles)
    }

    /// Where the switches that are known are saved; nil: nowhere.
    var stateFile: String? { state == "off" ? nil : state ?? Paths().defaultState }
}

/// A channel on the command line.
struct ChannelName: ExpressibleByArgument {
    let channel: Channel

    init?(argument: String) {
        guard let channel = try? Channel(argument) else { return nil }
        self.channel = channel
    }
}
