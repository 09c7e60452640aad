import ArgumentParser
import BusSecurity
import Logging
import Messages
import ServiceRuntime

struct RendererOptions: ParsableCommand {
    static let command = "p2pmsg-renderer"

    /// What may also come from the environment and the configuration file.
    static let settings: [Setting] = [
        .bus, .serviceKey, .routerKey, .http, .basePath, .trustedProxies, .publicNames, .post, .visitorRate, .title,
        .contact, .rules, .ops, .keys, .config, .logLevel, .logFormat,
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

    @Option(help: help(.http, "(default: 127.0.0.1:8080)"), transform: ListenAddress.parse)
    var http: ListenAddress = .ip(host: "127.0.0.1", port: 8080)

    @Option(name: .customLong("base-path"), help: help(.basePath, "(default: /)"), transform: BasePath.parse)
    var basePath: BasePath = .root

    @Option(
        name: .customLong("trusted-proxy"), parsing: .singleValue, help: help(.trustedProxies),
        transform: Network.parse)
    var trustedProxies: [Network] = []

    @Option(
        name: .customLong("public-name"), parsing: .singleValue, help: help(.publicNames), transform: PublicName.parse)
    var publicNames: [PublicName] = []

    @Option(help: help(.post), transform: PostPolicy.parse)
    var post = PostPolicy.node

    @Option(
        name: .customLong("visitor-rate"), help: help(.visitorRate), transform: VisitorRate.parse)
    var visitorRate = VisitorRate(rate: Limits.visitorRate)

    @Option(help: help(.title), transform: OperatorWords.title)
    var title: String?

    @Option(help: help(.contact), transform: Contact.parse)
    var contact: Contact?

    @Option(help: help(.rules))
    var rules: String?

    @Option(help: help(.ops), transform: ListenAddress.parse)
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
        var imprint = Imprint(title: title, contact: contact)
        if let rules { imprint.rules = try OperatorWords.rules(file: rules) }
        return imprint
    }

    private static func help(_ setting: Setting, _ more: String = "") -> ArgumentHelp {
        ArgumentHelp(stringLiteral: more.isEmpty ? setting.help : "\(setting.help) \(more)")
    }
}
