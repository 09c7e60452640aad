import Bus
import BusClient
import Foundation
import Messages
import Synchronization
import TestSupport

/// A router, a receiver and a renderer as processes of their own, each with its health and metrics, without the
/// supervisor that would start them again.
final class ServicesNode: Sendable {
    enum Service: String, CaseIterable, Sendable {
        case router, receiver, renderer
    }

    let site: TestSite
    let http: HTTPClient
    let httpPort: UInt16
    /// The headers of a form that comes from the page itself.
    let ownForm: [String: String]
    private let ops: [Service: UInt16]
    private let arguments: [Service: [String]]
    private let processes: Mutex<[Service: TestProcess]>

    /// Starts all three and waits until the page can be served.
    static func start(
        receiver: [String] = [], environment: [String: String] = [:], log: [String] = []
    ) async throws -> ServicesNode {
        let node = try ServicesNode(receiver: receiver, environment: environment, log: log)
        try await node.untilReady()
        return node
    }

    private init(receiver: [String], environment: [String: String], log: [String]) throws {
        site = try TestSite(extra: environment)
        let port = try FreePort.tcp()
        httpPort = port
        http = HTTPClient(.tcp(port: port))
        ownForm = ["Origin": "http://127.0.0.1:\(port)"]
        var ops: [Service: UInt16] = [:]
        for service in Service.allCases { ops[service] = try FreePort.tcp() }
        self.ops = ops
        let own: [Service: [String]] = [
            .router: ["--udp", "127.0.0.1:\(try FreePort.udp())"],
            .receiver: ["--store", site.directory.file("store.sqlite")] + receiver,
            .renderer: ["--http", "127.0.0.1:\(port)"],
        ]
        arguments = Dictionary(
            uniqueKeysWithValues: own.map { service, words in
                (service, words + ["--ops", "127.0.0.1:\(ops[service] ?? 0)"] + log)
            })
        processes = Mutex([:])
        for service in Service.allCases { try start(service) }
    }

    /// Starts a service, once more after its end.
    func start(_ service: Service) throws {
        let process = try site.start("p2pmsg-" + service.rawValue, arguments[service] ?? [])
        processes.withLock { $0[service] = process }
    }

    func process(_ service: Service) throws -> TestProcess {
        guard let process = processes.withLock({ $0[service] }) else { throw NotInTime("no \(service) was started") }
        return process
    }

    func ops(_ service: Service) -> HTTPClient { HTTPClient(.tcp(port: ops[service] ?? 0)) }

    func metrics(_ service: Service) async throws -> String { try await ops(service).get("/metrics").body }

    func untilReady() async throws {
        for service in Service.allCases {
            let process = try process(service)
            do {
                try await eventually("\(service) is ready", within: .seconds(20)) {
                    try await self.ops(service).get("/readyz").status == 200
                }
            } catch {
                throw NotInTime("\(error)\n\(process.transcript)")
            }
        }
    }

    /// Publishes texts, fifty in flight, and demands a store for each.
    /// - Returns: the texts.
    func publish(
        _ count: Int, onReceipt: @escaping @Sendable (_ acknowledged: Int) -> Void = { _ in }
    ) async throws -> Set<String> {
        let client = try BusClient(bus: site.bus, name: "system-test")
        let identity = Identity.generate(.ed25519)
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let tally = Tally()
        let texts = (0..<count).map { "message \($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, text) in texts.enumerated() {
                if index >= 50 { try await group.next() }
                let message = try identity.sign(text, channel: .tweets, at: now + Int64(index))
                group.addTask {
                    let receipt = try await client.publish(message, acks: 1, from: .commandLine, timeout: .seconds(30))
                    guard receipt.complete else { throw NotInTime("no receipt for '\(text)'") }
                    onReceipt(tally.count.add(1, ordering: .relaxed).newValue)
                }
            }
            try await group.waitForAll()
        }
        await client.close()
        return Set(texts)
    }

    /// Every text that the store has, each once.
    func texts() async throws -> Set<String> {
        let listed = try await site.run(Binaries.client, ["list", "--json", "--limit", "100000", "--timeout", "10s"])
        guard listed.status == 0 else { throw NotInTime("list: \(listed.errorText)") }
        let texts = try listed.json().compactMap { $0["message"].string }
        guard Set(texts).count == texts.count else { throw NotInTime("a message is there twice") }
        return Set(texts)
    }
}

private final class Tally: Sendable {
    let count = Atomic(0)
}
