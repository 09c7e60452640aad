import ArgumentParser
import BusClient
import BusSecurity
import Messages
import ServiceRuntime

extension ArgumentHelp {
    /// What help says of a setting.
    ///
    /// - Parameters:
    ///   - value: what its value is called there.
    ///   - more: what stands behind, as of the default.
    static func of(_ setting: Setting, _ value: String, _ more: String = "") -> ArgumentHelp {
        ArgumentHelp("\(setting.help)\(more.isEmpty ? "" : " " + more)", valueName: value)
    }
}

/// `--config` is read before the parser runs; it is declared here so that it is known and has a help line.
struct ConfigOptions: ParsableArguments {
    @Option(help: .of(.config, "file"))
    var config: String?
}

/// A node's bus, and over `tcp://` the keys that it takes.
struct BusOptions: ParsableArguments {
    static let settings: [Setting] = [.bus, .serviceKey, .routerKey] + KeyDirectoryOptions.settings

    @Option(help: .of(.bus, "endpoint"))
    var bus: String?

    @Option(help: .of(.serviceKey, "key"))
    var serviceKey: String?

    @Option(help: .of(.routerKey, "key"))
    var routerKey: String?

    @OptionGroup var keys: KeyDirectoryOptions
    @OptionGroup var config: ConfigOptions

    var endpoint: String { bus ?? Paths().servedBus }

    /// Runs the body with a client, and closes that, whatever happens.
    ///
    /// - Throws: as ``client(of:timeout:)``, and what the body throws.
    func withClient<Result>(
        of command: String, timeout: Duration?, _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        let client = try client(of: command, timeout: timeout)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.close()
        return try result.get()
    }

    /// Says what it waits for where no router is there.
    ///
    /// - Parameter timeout: nil: for ever, as far as the one who waits is concerned.
    /// - Throws: a report that names the setting at fault; `BusError`.
    private func client(of command: String, timeout: Duration?) throws -> BusClient {
        let settings = BusSettings(bus: endpoint, serviceKey: serviceKey, routerKey: routerKey, keys: keys.keys)
        let client = try BusClient(
            bus: endpoint, keys: settings.clientKeys(), name: "p2pmsg " + command, timeout: timeout ?? .seconds(5))
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

    @Option(help: .of(.keys, "directory"))
    var keys: String?

    var store: KeyStore {
        KeyStore(directory: keys ?? KeyStore.standardDirectory(environment: Environment.current))
    }
}

/// For commands that ask a node and print what it says.
struct NodeOptions: ParsableArguments {
    static let settings: [Setting] = BusOptions.settings + [.timeout, .json]

    @Option(help: .of(.timeout, "duration", "(default: 5s)"), transform: DurationText.parsePositive)
    var timeout = Duration.seconds(5)

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var bus: BusOptions

    func withClient<Result>(
        of command: String, _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        try await bus.withClient(of: command, timeout: timeout, body)
    }

    /// - Parameter client: asks any store; for commands that only read, which take what an author is called.
    func finder(_ client: BusClient) -> Finder {
        Finder(client: client, keys: bus.keys.store, timeout: timeout, takesNames: true)
    }
}

extension DurationText {
    /// A time to wait: `5s`, `300ms`, `2m`, `1h`, plain seconds; never 0.
    ///
    /// - Throws: what is expected.
    @Sendable static func parsePositive(_ text: String) throws(FailureReport) -> Duration {
        try parse(text).flatMap { $0 > .zero ? $0 : nil }.orExpected("a time above 0 such as 5s, 300ms or 2m")
    }
}

extension Scheme: ExpressibleByArgument {}

extension Channel {
    /// As a value of `--channel`. Says so where a `#` was not taken.
    ///
    /// - Throws: what is wrong with the name.
    @Sendable static func argument(_ text: String) throws(MessageError) -> Channel {
        let channel = try Channel(text)
        if hasSign(text) { tell("the channel is \(channel.name), the # before it is not part of its name") }
        return channel
    }
}

/// Says something to the person who started the command, beside what it prints.
func tell(_ sentence: String) { StandardStreams.error("p2pmsg: \(sentence)\n") }
