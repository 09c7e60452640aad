import Bus
import BusClient
import Foundation
import Messages
import TestSupport

/// A router on a host of a ``LAN``, listening on all of its addresses.
final class LinkNode: Sendable {
    /// The texts of messages that came.
    let heard = Mailbox<String>()
    private let router: TestProcess
    private let client: BusClient
    private let site: TestSite
    private let ops: HTTPClient
    private let identity = Identity.generate(.ed25519)
    private let following: Task<Void, Never>
    /// It goes with the last reference.
    private let space: NetworkSpace

    init(in space: NetworkSpace, seeds: [String]) throws {
        self.space = space
        let site = try TestSite()
        let health = site.directory.file("ops.sock")
        router = try space.start(
            Binaries.router,
            ["--bus", site.bus, "--udp", "0.0.0.0:42424", "--state", "off", "--ops", "unix:" + health]
                + seeds.flatMap { ["--seed", $0] }, environment: site.environment)
        let client = try BusClient(bus: site.bus, name: "link")
        following = Task { [heard] in
            for await case .message(let message, _) in client.follow(channels: [.tweets]) {
                heard.append(message.text)
            }
        }
        (self.site, self.client, ops) = (site, client, HTTPClient(.unix(path: health)))
    }

    var isRunning: Bool { router.isRunning }

    func awaitReady() async throws {
        try await eventually("the router answers", within: .seconds(20)) {
            guard self.isRunning else { throw NotInTime("it has ended\n\(self.router.transcript)") }
            _ = try await self.status()
            return try await self.ops.get("/livez").status == 200
        }
    }

    func status() async throws -> StatusReport { try await client.status(timeout: .seconds(5)) }

    /// Says something to the mesh, if there is any.
    func publish(_ text: String) async {
        guard let message = try? identity.sign(text, channel: .tweets, at: Timestamp.now) else { return }
        _ = try? await client.publish(message, acks: 0, timeout: .milliseconds(100))
    }

    /// Asks `/livez` until the task is cancelled, and returns what it complained about.
    func watchHealth() async -> [String] {
        var complaints: [String] = []
        while !Task.isCancelled {
            do {
                let answer = try await ops.get("/livez")
                if answer.status != 200 { complaints.append("\(answer.status) \(answer.body)") }
            } catch {
                complaints.append("\(error)")
            }
            try? await letTimePass(.milliseconds(500))
        }
        return complaints
    }

    func stop() async throws {
        following.cancel()
        await client.close()
        router.signal(SIGTERM)
        guard try await router.waitForExit(within: .seconds(6)) == .status(0) else {
            throw NotInTime("it did not end well\n\(router.transcript)")
        }
    }
}
