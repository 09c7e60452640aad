import ArgumentParser
import Bus
import Glibc
import Logging
import Messages
import ServiceRuntime
import TelehashWire

struct UpCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run a whole node on this machine.",
        discussion: Help.text(
            """
            Starts a router, receivers and a renderer, starts again what ends, and prints the page's address when it \
            answers. Ctrl-C or SIGTERM stops everything within 5 seconds. A second node on the same machine needs its own \
            --data, --bus, --udp and --http.
            """, examples: ["p2pmsg up", "p2pmsg up --seed seed.example.org:42424 --channel garden --keep 90d"]))
    static let settings: [Setting] =
        OwnBusOptions.settings + [
            .data, .udp, .http, .seeds, .receivers, .advertise, .basePath, .trustedProxies, .publicNames, .post,
            .visitorRate, .title, .contact, .rules, .channels, .keep, .keepStrangers,
            .strangerRate, .scheme2011, .refuse2011, .ops, .logLevel, .logFormat,
        ]

    @Option(help: .of(.data, "directory", "(default: ~/.local/share/p2pmsg)"))
    var data: String?

    @Option(help: .of(.udp, "address", "(default: 0.0.0.0:42424)"), transform: ListenAddress.parseIP)
    var udp = ListenAddress.ip(host: "0.0.0.0", port: 42_424)

    @Option(help: .of(.http, "address", "(default: 127.0.0.1:8080)"), transform: ListenAddress.parse)
    var http = ListenAddress.ip(host: "127.0.0.1", port: 8080)

    @Option(name: .customLong("seed"), help: .of(.seeds, "address"), transform: checked(SeedAddress.parse))
    var seeds: [String] = []

    @Option(help: .of(.receivers, "n"))
    var receivers = 1

    @Option(help: .of(.advertise, "address"), transform: checked(Endpoint.parse))
    var advertise: String?

    @Option(help: .of(.basePath, "path", "(default: /)"), transform: checked(BasePath.parse))
    var basePath = "/"

    @Option(name: .customLong("trusted-proxy"), help: .of(.trustedProxies, "cidr"), transform: checked(Network.parse))
    var trustedProxies: [String] = []

    @Option(name: .customLong("public-name"), help: .of(.publicNames, "name"), transform: checked(PublicName.parse))
    var publicNames: [String] = []

    @Option(help: .of(.post, "who"), transform: checked(PostPolicy.parse))
    var post: String?

    @Option(
        help: .of(.visitorRate, "rate/burst"),
        transform: checked(VisitorRate.parse))
    var visitorRate: String?

    @Option(help: .of(.title, "name"), transform: OperatorWords.title)
    var title: String?

    @Option(help: .of(.contact, "address"), transform: checked(Contact.parse))
    var contact: String?

    @Option(help: .of(.rules, "file"), transform: checked { try OperatorWords.rules(file: $0) })
    var rules: String?

    @Option(name: .customLong("channel"), help: .of(.channels, "name"), transform: Channel.argument)
    var channels: [Channel] = []

    @Option(
        name: .customLong("keep"), parsing: .singleValue, help: .of(.keep, "rule"),
        transform: checked { _ = try KeepRule($0).channel.map { try Channel($0) } })
    var keep: [String] = []

    @Option(help: .of(.keepStrangers, "size"), transform: checked(StrangerBytes.parse))
    var keepStrangers: String?

    @Option(help: .of(.strangerRate, "rate/burst"), transform: checked(StrangerRate.parse))
    var strangerRate: String?

    @Option(name: .customLong("scheme-2011"), help: .of(.scheme2011, "on|off"), transform: checked(OnOff.parse))
    var scheme2011: String?

    @Flag(name: .customLong("refuse-2011"), help: .hidden)
    var refuses2011 = false

    @Option(
        help: .of(
            .ops, "address", "The router is at this port, the renderer at the next, the receivers after it."),
        transform: ListenAddress.parseIP)
    var ops: ListenAddress?

    @Option(help: .of(.logLevel, "level"), transform: Log.level)
    var logLevel: Logger.Level = Log.defaultLevel

    @Option(help: .of(.logFormat, "format"), transform: Log.format)
    var logFormat = LogFormat.text

    @OptionGroup var bus: OwnBusOptions

    /// A value that is passed on as it was typed, once it is one that the services take: they read it with the same parser.
    private static func checked<Value>(
        _ parse: @escaping @Sendable (String) throws -> Value
    ) -> @Sendable (String) throws -> String {
        { text in
            _ = try parse(text)
            return text
        }
    }

    func validate() throws {
        guard (1...Limits.receivers).contains(receivers) else {
            throw ValidationError("--receivers must be 1 to \(Limits.receivers)")
        }
        guard case .ip(_, let port) = udp, port > 0 else { throw ValidationError("--udp: port 0 is not allowed") }
        if case .ip(_, 0) = http { throw ValidationError("--http: port 0 is not allowed") }
        try checkOps()
        let kept = Set(channels + [.tweets])
        guard kept.count <= BusLimits.channels else {
            throw ValidationError("--channel takes at most \(BusLimits.channels) channels, not \(kept.count)")
        }
        if data?.isEmpty ?? false { throw ValidationError("--data needs a directory") }
    }

    /// One port for each process.
    private func checkOps() throws {
        guard let ops else { return }
        guard case .ip(_, let first) = ops, first > 0 else { throw ValidationError("--ops: port 0 is not allowed") }
        let last = first + receivers + 1
        guard last <= 65_535 else {
            throw ValidationError("--ops takes \(receivers + 2) ports from the one it names; \(first) is too high")
        }
        if case .ip(_, let port) = http, (first...last).contains(port) {
            throw ValidationError("--ops takes the ports \(first) to \(last), and --http is at one of them")
        }
    }

    func run() async throws {
        let plan = plan(paths: Paths(), currentDirectory: UpCommand.currentDirectory)
        try PrivateDirectory.create(plan.data)
        let lock = try DataLock(directory: plan.data)
        defer { withExtendedLifetime(lock) {} }
        try Paths().prepare(bus: plan.bus)
        try UpCommand.checkFree(plan)
        if channels.isEmpty, let hint = Setting.channelHint(environment: Environment.current) {
            Log.say(hint, command: "p2pmsg", level: .notice)
        }
        let supervisor = try NodeSupervisor(
            plan: plan, programs: Programs(environment: Environment.current), environment: Environment.current)
        let signals = ShutdownSignals(service: "p2pmsg")
        signals.onForcedEnd { supervisor.killAll() }
        signals.onRequest { supervisor.stop() }
        let announcement = Task { await announce(plan, when: supervisor) }
        defer { announcement.cancel() }
        try await supervisor.run()
    }

    /// What another node or server has already is said at once. Its answers must not be taken for ours either: the page
    /// would be announced although nothing of this node works.
    static func checkFree(_ plan: NodePlan) throws(FailureReport) {
        if let number = StreamSocket.listenProblem(at: plan.http) {
            throw FailureReport(
                "cannot serve the wall at \(plan.http): \(describe(errno: number)); choose another --http")
        }
        for address in plan.opsAddresses {
            guard let number = StreamSocket.listenProblem(at: address) else { continue }
            throw FailureReport("cannot serve --ops at \(address): \(describe(errno: number)); choose other ports")
        }
        for (what, option, address) in [("the wall", "--http", plan.http), ("a router", "--bus", plan.busSocket)] {
            guard case .unix(let path)? = address, UnixSocket.isServed(path) else { continue }
            throw FailureReport("\(what) is served at \(path) already; give this node its own \(option)")
        }
    }

    func plan(paths: Paths, currentDirectory: String) -> NodePlan {
        // The children get paths that mean the same wherever they run.
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : currentDirectory + "/" + path }
        // Words of people may begin with a dash.
        func flags(_ setting: Setting, _ values: [String]) -> [String] { values.map { "\(setting.option)=\($0)" } }
        func flag(_ setting: Setting, _ value: String?) -> [String] { flags(setting, value.map { [$0] } ?? []) }
        let kept = flags(.channels, channels.map(\.name))
        return NodePlan(
            bus: bus.bus ?? paths.defaultBus, data: absolute(data ?? paths.dataDirectory), udp: udp, http: http,
            basePath: basePath,
            passedOn: [
                .router: flags(.seeds, seeds) + kept + flag(.advertise, advertise),
                .receiver: kept + flags(.keep, keep) + flag(.keepStrangers, keepStrangers)
                    + flag(.strangerRate, strangerRate)
                    + flag(.scheme2011, refuses2011 ? OnOff.off.rawValue : scheme2011),
                .renderer: flags(.trustedProxies, trustedProxies) + flags(.publicNames, publicNames)
                    + flag(.post, post) + flag(.visitorRate, visitorRate) + flag(.title, title)
                    + flag(.contact, contact)
                    + flag(.rules, rules.map(absolute)),
            ],
            receivers: receivers, ops: ops, logLevel: logLevel.rawValue, logFormat: logFormat)
    }

    private func announce(_ plan: NodePlan, when supervisor: NodeSupervisor) async {
        let patience = Task {
            try await Task.sleep(for: Limits.slowStart)
            Log.say("the page does not answer yet", command: "p2pmsg", level: .warning)
        }
        defer { patience.cancel() }
        do {
            try await PageProbe(address: plan.http, basePath: plan.basePath).untilReady()
        } catch {
            return  // stopped before
        }
        supervisor.markReady()
        // A node does not end because nobody reads where its page is.
        try? StandardStreams.out("p2pmsg: the wall is at \(plan.pageAddress)\n")
    }

    static var currentDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
