import Foundation
import Synchronization
import TestSupport

/// The processes of one node: a router, two stores with two receivers each, a renderer. Each is started by itself, so
/// that nobody but us starts it again.
final class Stage: Sendable {
    struct Part: Sendable {
        let name: String
        let program: String
        let arguments: [String]
    }

    let site: TestSite
    let http: HTTPClient
    let stores: [String]
    let parts: [Part]
    private let processes: Mutex<[TestProcess]>

    /// Starts everything and waits until the page can be served.
    static func open() async throws -> Stage {
        let stage = try Stage(site: TestSite())
        try await eventually("a node that works", within: .seconds(30)) {
            try await stage.http.get("/readyz").status == 200
        }
        return stage
    }

    private init(site: TestSite) throws {
        self.site = site
        let port = try FreePort.tcp()
        http = HTTPClient(.tcp(port: port))
        let stores = ["first", "second"].map { site.directory.file("\($0).sqlite") }
        self.stores = stores
        let udp = "127.0.0.1:\(try FreePort.udp())"
        let bus = ["--bus", site.bus]
        var parts = [Part(name: "router", program: Binaries.router, arguments: bus + ["--udp", udp])]
        for (number, store) in stores.enumerated() {
            for letter in ["a", "b"] {
                parts.append(
                    Part(
                        name: "receiver \(number + 1)\(letter)", program: Binaries.receiver,
                        arguments: bus + ["--store", store]))
            }
        }
        parts.append(
            Part(name: "renderer", program: Binaries.renderer, arguments: bus + ["--http", "127.0.0.1:\(port)"]))
        self.parts = parts
        processes = Mutex(try parts.map { try site.start($0.program, $0.arguments) })
    }

    func process(_ number: Int) -> TestProcess { processes.withLock { $0[number] } }

    /// Kills a process as a power cut would, and starts it again at once.
    func kill(_ number: Int) async throws {
        let victim = process(number)
        guard victim.isRunning else {
            throw NotInTime("\(parts[number].name) had ended by itself\n\(victim.transcript)")
        }
        victim.signal(SIGKILL)
        _ = try await victim.waitForExit(within: .seconds(5))
        let part = parts[number]
        let heir = try site.start(part.program, part.arguments)
        processes.withLock { $0[number] = heir }
    }

    /// Asks everybody to end, the router last, and waits until they have.
    func close() async throws {
        for number in parts.indices.reversed() {
            let process = process(number)
            process.signal(SIGTERM)
            let exit = try await process.waitForExit(within: .seconds(6))
            guard exit == .status(0) else {
                throw NotInTime("\(parts[number].name) ended with \(exit)\n\(process.transcript)")
            }
        }
    }
}
