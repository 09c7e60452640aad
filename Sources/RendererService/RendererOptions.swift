import ArgumentParser
import BusSecurity
import Logging
import Messages
import ServiceRuntime

/// The command line of `p2pmsg-renderer`.
struct RendererOptions: ParsableCommand {
    static let command = "p2pmsg-renderer"

    /// What may also come from the environment and the configuration file.
    static let settings: [Setting] = [
        .bus, .serviceKey, .routerKey, .http, .basePath, .trustedProxies, .post, .visitorRate, .title, .contact, .rules,
        .ops, .keys, .config, .logLevel, .logFormat,
    ]

    static let configuration = CommandConfiguration(
        commandName: command, abstract: "Serves the wall over HTTP: pages, live events and the API.",
        discussion: """
            Every option can also be set in the environment (P2PMSG_HTTP for --http) or in a file of lines \
            name = value that --config names. The command line wins, then the environment, then the file.
            """, version: Version.current)

    @Option(help: help(.bus, "(default: in the runtime directory)"))
    var bus: String?

    @Option(name: .customLong("service-key"), help: help(.serviceKey))
    var serviceKey: String?

    @Option(name: .customLong("router-key"), help: help(.routerKey))
    var routerKey: String?

    @Option(help: help(.http, "(default: 127.0.0.1:8080)"), transform: RendererOptions.address)
    var http: ListenAddress = .ip(host: "127.0.0.1", port: 8080)

    @Option(name: .customLong("base-path"), help: help(.basePath, "(default: /)"), transform: RendererOptions.basePath)
    var basePath: BasePath = .root

    @Option(
        name: .customLong("trusted-proxy"), parsing: .singleValue, help: help(.trustedProxies),
        transform: RendererOptions.network)
    var trustedProxies: [Network] = []

    @Option(help: help(.post))
    var post = PostPolicy.node

    @Option(
        name: .customLong("visitor-rate"), help: help(.visitorRate), transform: RendererOptions.visitorRate)
    var visitorRate = VisitorRate(rate: Limits.visitorRate)

    @Option(help: help(.title), transform: { try RendererOptions.line($0, atMost: Limits.titleBytes) })
    var title: String?

    @Option(help: help(.contact), transform: { try RendererOptions.line($0, atMost: Limits.contactBytes) })
    var contact: String?

    @Option(help: help(.rules))
    var rules: String?

    @Option(help: help(.ops), transform: RendererOptions.address)
    var ops: ListenAddress?

    @Option(help: help(.logLevel), transform: Log.level)
    var logLevel: Logger.Level = Log.defaultLevel

    @Option(help: help(.logFormat), transform: Log.format)
    var logFormat = LogFormat.text

    @Option(help: help(.keys, "(default: under the data directory)"))
    var keys: String?

    @Option(help: help(.config))
    var config: String?

    var security: BusSettings {
        BusSettings(bus: bus ?? Paths().servedBus, serviceKey: serviceKey, routerKey: routerKey, keys: keys)
    }

    /// - Throws: ``FailureReport`` where the rules cannot be read.
    func imprint() throws(FailureReport) -> Imprint {
        var imprint = Imprint(title: title, contact: contact.map { Contact(text: $0) })
        if let rules { imprint.rules = try Imprint.rules(file: rules) }
        return imprint
    }

    private static func line(_ text: String, atMost bytes: Int) throws -> String {
        do throws(FailureReport) { return try Imprint.line(text, atMost: bytes) } catch {
            throw ValidationError(error.message)
        }
    }

    private static func help(_ setting: Setting, _ more: String = "") -> ArgumentHelp {
        ArgumentHelp(stringLiteral: more.isEmpty ? setting.help : "\(setting.help) \(more)")
    }

    private static func address(_ text: String) throws -> ListenAddress {
        guard let address = ListenAddress(text) else { throw ValidationError(ListenAddress.expectation) }
        return address
    }

    private static func basePath(_ text: String) throws -> BasePath {
        guard let path = BasePath(text) else {
            throw ValidationError("expected a path such as / or /wall, of letters, digits and - . _ ~")
        }
        return path
    }

    private static func visitorRate(_ text: String) throws -> VisitorRate {
        if text == "off" { return VisitorRate(rate: nil) }
        guard let rate = Rate(text) else {
            throw ValidationError("expected messages a second and how many at once, as in 0.2/30, or off")
        }
        return VisitorRate(rate: rate)
    }

    private static func network(_ text: String) throws -> Network {
        guard let network = Network(text) else {
            throw ValidationError("expected a network such as 10.0.0.0/8, fd00::/8 or 127.0.0.1")
        }
        return network
    }
}

extension PostPolicy: ExpressibleByArgument {}

/// What `--visitor-rate` says; without a rate there is no limit.
struct VisitorRate: Hashable, Sendable {
    let rate: Rate?
}
