import ArgumentParser
import BusClient
import BusSecurity
import Messages
import ServiceRuntime

/// `--config` is read before the parser runs; it is declared here so that it is known and has a help line.
struct ConfigOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.config.help, valueName: "file"))
    var config: String?
}

/// For commands that ask a node: its bus, and over `tcp://` the keys that it takes.
struct BusOptions: ParsableArguments {
    static let settings: [Setting] = [.bus, .serviceKey, .routerKey] + KeyDirectoryOptions.settings

    @Option(help: ArgumentHelp(Setting.bus.help, valueName: "endpoint"))
    var bus: String?

    @Option(help: ArgumentHelp(Setting.serviceKey.help, valueName: "key"))
    var serviceKey: String?

    @Option(help: ArgumentHelp(Setting.routerKey.help, valueName: "key"))
    var routerKey: String?

    @OptionGroup var keys: KeyDirectoryOptions
    @OptionGroup var config: ConfigOptions

    var endpoint: String { bus ?? Paths().servedBus }

    /// Says what it waits for where no router is there.
    ///
    /// - Parameter timeout: nil: for ever, as far as the one who waits is concerned.
    /// - Throws: a report that names the setting at fault; `BusError`.
    func client(name: String, timeout: Duration?) throws -> BusClient {
        let settings = BusSettings(bus: endpoint, serviceKey: serviceKey, routerKey: routerKey, keys: keys.keys)
        let client = try BusClient(
            bus: endpoint, keys: settings.clientKeys(), name: name, timeout: timeout ?? .seconds(5))
        guard timeout.map({ $0 > Limits.silentWait }) ?? true else { return client }
        Task {
            try await Task.sleep(for: Limits.silentWait)
            guard await !client.isConnected() else { return }
            StandardStreams.error(BusOptions.waiting(for: endpoint, timeout: timeout))
        }
        return client
    }

    static func waiting(for endpoint: String, timeout: Duration?) -> String {
        let time = timeout.map { " up to \(DurationText.describe($0))" } ?? ""
        return "p2pmsg: no node answers at \(SafeText.line(endpoint)); waiting\(time). Is one running? "
            + "Start one with p2pmsg up\n"
    }
}

/// For `up`, whose bus is on this machine.
struct OwnBusOptions: ParsableArguments {
    static let settings: [Setting] = [.bus]

    @Option(help: ArgumentHelp("The bus of this node, ipc://PATH.", valueName: "endpoint"), transform: checked)
    var bus: String?

    @OptionGroup var config: ConfigOptions

    @Sendable private static func checked(_ endpoint: String) throws(FailureReport) -> String {
        guard !endpoint.hasPrefix("tcp://") else {
            throw FailureReport(
                "a node of one machine needs no tcp://; to spread one over hosts, start p2pmsg-router, "
                    + "p2pmsg-receiver and p2pmsg-renderer by themselves", status: .usage)
        }
        _ = try BusSettings(bus: endpoint).serverKeys()
        return endpoint
    }
}

struct KeyDirectoryOptions: ParsableArguments {
    static let settings: [Setting] = [.keys]

    @Option(help: ArgumentHelp(Setting.keys.help, valueName: "directory"))
    var keys: String?

    var store: KeyStore {
        KeyStore(directory: keys ?? KeyStore.standardDirectory(environment: Environment.current))
    }
}

/// A duration on the command line: `5s`, `300ms`, `2m`, `1h`, plain seconds; never 0.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration
    private let text: String

    init(seconds: Int64) {
        duration = .seconds(seconds)
        text = "\(seconds)s"
    }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument), duration > .zero else { return nil }
        self.duration = duration
        text = argument
    }

    var description: String { text }
}

extension Scheme: ExpressibleByArgument {}

struct ChannelArgument: CustomStringConvertible {
    static let tweets = ChannelArgument(channel: .tweets)

    let channel: Channel

    init(channel: Channel) { self.channel = channel }

    /// Says so where a `#` was not taken.
    ///
    /// - Throws: what is wrong with the name.
    init(text: String) throws {
        channel = try Channel(text)
        guard Channel.hasSign(text) else { return }
        StandardStreams.error("p2pmsg: the channel is \(channel.name), the # before it is not part of its name\n")
    }

    var description: String { channel.name }
}
