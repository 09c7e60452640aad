import Glibc
import ServiceRuntime

struct ChildPlan: Hashable, Sendable {
    enum Role: String, Sendable { case router, receiver, renderer }

    let role: Role
    /// In front of its lines: `router`, `receiver-2`.
    let label: String
    let arguments: [String]

    var program: String { "p2pmsg-" + role.rawValue }
}

/// All processes of a node, from the flags of `p2pmsg up`. Every setting is passed as a flag: the children read no
/// configuration file, and no variable of ours reaches them by accident.
struct NodePlan: Hashable, Sendable {
    var bus: String
    var data: String
    var udp: ListenAddress
    var http: ListenAddress
    var basePath: String
    /// What is passed on as it was given: each role's flags and their values.
    var passedOn: [ChildPlan.Role: [String]] = [:]
    var receivers = 1
    /// Where the router serves health and metrics; nil: nobody does.
    var ops: ListenAddress?
    var logLevel = Log.defaultLevel.rawValue
    var logFormat = LogFormat.text

    /// The store that all receivers of this node share.
    var store: String { data + "/store.sqlite" }
    /// Where the router keeps the addresses of nodes that answered.
    var state: String { data + "/switches" }
    /// Where the renderer keeps the key that signs what is written on the page.
    var keys: String { data + "/keys" }

    var children: [ChildPlan] {
        func child(_ role: ChildPlan.Role, _ own: [String], ops place: Int, number: Int? = nil) -> ChildPlan {
            ChildPlan(
                role: role, label: role.rawValue + (number.map { "-\($0)" } ?? ""),
                arguments: ["--bus", bus] + own + passedOn[role, default: []]
                    + (ops(place).map { ["--ops", $0.description] } ?? [])
                    + ["--log-level", logLevel, "--log-format", logFormat.rawValue])
        }
        return [child(.router, ["--udp", udp.description, "--state", state], ops: 0)]
            + (1...receivers).map { number in
                child(.receiver, ["--store", store], ops: 1 + number, number: receivers == 1 ? nil : number)
            }
            + [child(.renderer, ["--http", http.description, "--base-path", basePath], ops: 1)]
    }

    /// Where processes serve health and metrics: the router, the renderer, the receivers in their order.
    var opsAddresses: [ListenAddress] { (0..<receivers + 2).compactMap(ops) }

    /// - Parameter place: ports behind that of the router.
    private func ops(_ place: Int) -> ListenAddress? {
        guard case .ip(let host, let port)? = ops else { return nil }
        return .ip(host: host, port: port + place)
    }

    /// What a child inherits: everything but our settings and what may have been meant for one, plus the pipe that tells it when we die.
    func environment(from own: [String: String]) -> [String: String] {
        var environment = own.filter { name, value in
            !NodePlan.isSetting(name) && !UnknownVariables.isUnknown(name, value: value)
        }
        environment[ShutdownSignals.parentPipeVariable] = "0"
        environment[Setting.keys.environmentVariable] = keys
        return environment
    }

    /// The page's address as a person opens it.
    var pageAddress: String {
        let path = (basePath.hasSuffix("/") ? String(basePath.dropLast()) : basePath) + "/tweets"
        switch http {
        case .ip(let host, let port):
            return "http://\(ListenAddress.ip(host: NodePlan.reachable(host), port: port))\(path)"
        case .unix(let file): return "\(path) at unix:\(file)"
        }
    }

    /// The bus as a socket file.
    var busSocket: ListenAddress? { ListenAddress("unix:" + bus.dropFirst("ipc://".count)) }

    /// A wildcard address listens everywhere; from here it is reached at the loopback address.
    static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    private static func isSetting(_ variable: String) -> Bool {
        variable == Setting.config.environmentVariable || Setting.variables.contains(variable)
    }
}

/// Finds the executables of the services.
struct Programs {
    /// Beside our own executable first, then in `PATH`.
    let directories: [String]

    init(environment: [String: String]) {
        let path = environment["PATH"].map { $0.split(separator: ":").map(String.init) } ?? []
        directories = (Programs.ownDirectory.map { [$0] } ?? []) + path
    }

    init(directories: [String]) { self.directories = directories }

    /// - Throws: a report that names the program.
    func path(of program: String) throws(FailureReport) -> String {
        for directory in directories where access(directory + "/" + program, X_OK) == 0 {
            return directory + "/" + program
        }
        throw FailureReport("cannot find \(program), neither beside p2pmsg nor in PATH")
    }

    private static var ownDirectory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }
}
