import Foundation
import Synchronization
import TestSupport

/// The processes of one node. Each is started by itself, so that nobody but us starts it again.
final class Stage: Sendable {
    /// Who plays.
    struct Cast: Sendable {
        /// Receivers of each store; a store is made for each entry.
        var receivers = [2, 2]
        var renderers = 1
        /// Where the stores are, instead of in the site's directory.
        var storeDirectory: String?
        /// Open files that router and receivers may have (`ulimit -n`); nil: what the system gives.
        var descriptors: Int?
    }

    enum Role: Sendable, Hashable {
        case router
        /// Of the store with this number.
        case receiver(Int)
        case renderer(port: UInt16)
    }

    struct Part: Sendable {
        let name: String
        let role: Role
        let program: String
        let arguments: [String]
        /// Where `/metrics` and `/readyz` are.
        let ops: HTTPClient
        var descriptors: Int?
    }

    let site: TestSite
    let stores: [String]
    let cast: Cast
    let parts: [Part]
    private let processes: Mutex<[TestProcess]>

    /// Starts everything and waits until all are ready.
    static func open(_ cast: Cast = Cast()) async throws -> Stage {
        let stage = try Stage(site: TestSite(), cast)
        for number in stage.parts.indices { try await stage.awaitReady(number, within: .seconds(30)) }
        return stage
    }

    private init(site: TestSite, _ cast: Cast) throws {
        self.site = site
        self.cast = cast
        let directory = cast.storeDirectory ?? site.directory.path
        let stores = cast.receivers.indices.map { "\(directory)/store-\($0 + 1).sqlite" }
        self.stores = stores
        var parts = [
            try Self.part("router", .router, Binaries.router, site, ["--udp", "127.0.0.1:\(try FreePort.udp())"])
        ]
        for (store, count) in cast.receivers.enumerated() {
            for letter in "abcdefgh".prefix(count) {
                parts.append(
                    try Self.part(
                        "receiver \(store + 1)\(letter)", .receiver(store), Binaries.receiver, site,
                        ["--store", stores[store]]))
            }
        }
        for number in 0..<cast.renderers {
            let port = try FreePort.tcp()
            parts.append(
                try Self.part(
                    "renderer \(number + 1)", .renderer(port: port), Binaries.renderer, site,
                    ["--http", "127.0.0.1:\(port)", "--trusted-proxy", "127.0.0.1/32"]))
        }
        for number in parts.indices where !parts[number].role.isRenderer {
            parts[number].descriptors = cast.descriptors
        }
        self.parts = parts
        processes = Mutex([])
        for part in parts {
            let process = try start(part)
            processes.withLock { $0.append(process) }
        }
    }

    private static func part(
        _ name: String, _ role: Role, _ program: String, _ site: TestSite, _ arguments: [String]
    ) throws -> Part {
        let port = try FreePort.tcp()
        return Part(
            name: name, role: role, program: program,
            arguments: ["--bus", site.bus, "--ops", "127.0.0.1:\(port)"] + arguments,
            ops: HTTPClient(.tcp(port: port)))
    }

    func process(_ number: Int) -> TestProcess { processes.withLock { $0[number] } }

    /// The numbers of the parts that a role fits.
    func numbers(where fits: (Role) -> Bool) -> [Int] { parts.indices.filter { fits(parts[$0].role) } }

    var receivers: [Int] { numbers { $0.isReceiver } }
    var router: Int { numbers { $0 == .router }[0] }

    /// The renderers, as a browser reaches them.
    var renderers: [(number: Int, port: UInt16)] {
        parts.indices.compactMap { number in
            if case .renderer(let port) = parts[number].role { (number, port) } else { nil }
        }
    }

    var http: HTTPClient { HTTPClient(.tcp(port: renderers[0].port)) }

    func awaitReady(_ number: Int, within limit: Duration) async throws {
        let part = parts[number]
        try await eventually("\(part.name) is ready", within: limit) {
            guard process(number).isRunning else {
                throw NotInTime("\(part.name) has ended\n\(process(number).transcript)")
            }
            return try await part.ops.get("/readyz").status == 200
        }
    }

    private func start(_ part: Part) throws -> TestProcess {
        guard let descriptors = part.descriptors else { return try site.start(part.program, part.arguments) }
        let script = "ulimit -n \(descriptors) && exec \"$0\" \"$@\""
        return try TestProcess(
            "/bin/sh", ["-c", script, try Binaries.path(part.program)] + part.arguments, environment: site.environment)
    }
}

// What is done to them.
extension Stage {
    /// Kills a process as a power cut would, and starts it again at once.
    func kill(_ number: Int) async throws {
        let victim = try living(number)
        victim.signal(SIGKILL)
        _ = try await victim.waitForExit(within: .seconds(5))
        try replace(number)
    }

    /// Asks a process to end, as a supervisor does, waits until it has, and starts it again.
    func restart(_ number: Int) async throws {
        try await stop(number)
        try replace(number)
    }

    /// Stops a process in the middle of whatever it does; it runs on with ``thaw(_:)``.
    func freeze(_ number: Int) throws { try living(number).signal(SIGSTOP) }
    func thaw(_ number: Int) throws { try living(number).signal(SIGCONT) }

    /// - Throws: ``NotInTime`` with the last words of one that has ended by itself.
    func checkThatAllLive() throws {
        for number in parts.indices { _ = try living(number) }
    }

    /// Asks everybody to end, the router last, and waits until they have.
    func close() async throws {
        for number in parts.indices.reversed() { try await stop(number) }
    }

    private func stop(_ number: Int) async throws {
        let process = try living(number)
        process.signal(SIGTERM)
        let exit = try await process.waitForExit(within: .seconds(6))
        guard exit == .status(0) else {
            throw NotInTime("\(parts[number].name) ended with \(exit)\n\(process.transcript)")
        }
    }

    private func living(_ number: Int) throws -> TestProcess {
        let process = process(number)
        guard process.isRunning else {
            // The last words of a library may come long before the end of a trace.
            let words = process.standardError.all.filter { $0.contains("(src/") || $0.contains("Fatal error") }
            throw NotInTime("\(parts[number].name) had ended by itself \(words)\n\(process.transcript)")
        }
        return process
    }

    private func replace(_ number: Int) throws {
        let heir = try start(parts[number])
        processes.withLock { $0[number] = heir }
    }
}

extension Stage.Role {
    var isReceiver: Bool { if case .receiver = self { true } else { false } }
    var isRenderer: Bool { if case .renderer = self { true } else { false } }
}
