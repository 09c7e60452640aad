import ArgumentParser
import Messages
import ServiceRuntime

/// `--config` is read before the parser runs; it is declared here so that it is known and has a help line.
struct ConfigOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Setting.config.help, valueName: "file"))
    var config: String?
}

struct BusOptions: ParsableArguments {
    static let settings: [Setting] = [.bus]

    @Option(help: ArgumentHelp(Setting.bus.help, valueName: "endpoint"))
    var bus: String?

    @OptionGroup var config: ConfigOptions

    var endpoint: String { bus ?? Paths().defaultBus }
}

struct KeyDirectoryOptions: ParsableArguments {
    static let settings: [Setting] = [.keys]

    @Option(help: ArgumentHelp(Setting.keys.help, valueName: "directory"))
    var keys: String?

    var store: KeyStore {
        KeyStore(directory: keys ?? KeyStore.standardDirectory(environment: Environment.current))
    }
}

/// A duration on the command line: `5s`, `300ms`, `2m`, `1h`, plain seconds.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration
    private let text: String

    init(seconds: Int64) {
        duration = .seconds(seconds)
        text = "\(seconds)s"
    }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
        text = argument
    }

    var description: String { text }
}

extension Scheme: ExpressibleByArgument {}

struct ChannelArgument: ExpressibleByArgument, CustomStringConvertible {
    static let tweets = ChannelArgument(channel: .tweets)

    let channel: Channel

    init(channel: Channel) { self.channel = channel }

    init?(argument: String) {
        guard let channel = try? Channel(argument) else { return nil }
        self.channel = channel
    }

    var description: String { channel.name }
}
