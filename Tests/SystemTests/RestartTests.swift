import Bus
import BusClient
import Foundation
import Messages
import TestSupport
import Testing

extension SystemTests {
    /// The router ends and comes back while messages are sent: what is acknowledged is on the own wall.
    @Suite("Restarts of the router", .timeLimit(.minutes(3)))
    struct RestartTests {
        @Test func whatIsAcknowledgedDuringRestarts_isOnTheOwnWall() async throws {
            let node = try await TestNode.start()
            let peer = try await Peer.join(node)
            let client = try BusClient(bus: node.bus, name: "system-test")
            let end = Mailbox<Bool>()
            async let sent = Self.write(with: client) { end.count > 0 }
            for number in 0..<4 {
                let old = try #require(node.site.processes(named: "p2pmsg-router").first)
                kill(old, number.isMultiple(of: 2) ? SIGTERM : SIGKILL)
                try await eventually("another router", within: .seconds(10)) {
                    guard let new = node.site.processes(named: "p2pmsg-router").first, new != old else { return false }
                    return try await node.http.get("/readyz").status == 200
                }
                try await letTimePass(.milliseconds(400))
            }
            end.append(true)
            let receipts = try await sent
            await client.close()
            #expect(receipts.count > 20)
            for (text, receipt) in receipts {
                #expect(receipt.complete && !receipt.stored.isEmpty, "\(text): \(receipt)")
            }
            let listed = try await node.cli(["list", "--json", "--limit", "100000"]).json()
            let wall = Set(listed.compactMap { $0["message"].string })
            #expect(wall == Set(receipts.map(\.text)))
            #expect(peer.process.isRunning)
        }

        @Test func send_twentyMillisecondsAfterTheRoutersSIGTERM_succeedsByItself() async throws {
            let node = try await TestNode.start()
            for (number, arguments) in [["send", "alone"], ["send", "--lines"]].enumerated() {
                kill(try #require(node.site.processes(named: "p2pmsg-router").first), SIGTERM)
                try await letTimePass(.milliseconds(20))
                let output = try await node.cli(
                    arguments + ["--json", "--timeout", "10s"], input: number == 0 ? nil : Array("1\n2\n3\n".utf8))
                #expect(output.status == 0, "\(output.errorText)")
                #expect(try output.json().count == (number == 0 ? 1 : 3))
                #expect(try output.json().allSatisfy { $0["stored"].array?.count == 1 })
            }
        }

        @Test func send_whileTheStoreIsAwayAfterARestart_givesItToNobodyElse_andEndsWithFour() async throws {
            let site = try TestSite()
            let udp = try FreePort.udp()
            func router() throws -> TestProcess { try site.start(Binaries.router, ["--udp", "127.0.0.1:\(udp)"]) }
            let first = try router()
            let receiver = try site.start(Binaries.receiver, [])
            let before = try await site.run(Binaries.client, ["send", "before", "--timeout", "10s"])
            try #require(before.status == 0, "\(before.errorText)")
            for process in [receiver, first] {
                process.signal(SIGTERM)
                _ = try await process.waitForExit(within: .seconds(5))
            }
            let second = try router()
            let peer = try await Peer.join("127.0.0.1:\(udp)", site)
            let waited = try await site.run(Binaries.client, ["send", "after", "--timeout", "1s", "--json"])
            #expect(waited.status == 4)
            let receipt = try #require(try waited.json().first)
            #expect(receipt["stored"].array?.isEmpty == true && receipt["relayed"].int == 0)
            let back = try site.start(Binaries.receiver, [])
            try await eventually("the store has what waited", within: .seconds(10)) {
                try await site.run(Binaries.client, ["list", "--json"]).lines.count == 2
            }
            #expect(second.isRunning && back.isRunning && peer.process.isRunning)
        }

        /// One after the other, until it is over.
        private static func write(
            with client: BusClient, until isOver: @escaping @Sendable () -> Bool
        ) async throws -> [(text: String, receipt: Receipt)] {
            let identity = Identity.generate(.ed25519)
            var receipts: [(String, Receipt)] = []
            while !isOver() {
                let text = "message \(receipts.count)"
                let now = Int64(Date().timeIntervalSince1970 * 1_000)
                let message = try identity.sign(text, channel: .tweets, at: now)
                receipts.append((text, try await client.publish(message, from: .commandLine, timeout: .seconds(20))))
            }
            return receipts
        }
    }

    /// Another router of the mesh, with nobody behind it.
    struct Peer {
        let site: TestSite
        let process: TestProcess

        static func join(_ node: TestNode) async throws -> Peer { try await join(node.address, node.site) }

        /// Starts one and waits until the node knows it.
        static func join(_ address: String, _ node: TestSite) async throws -> Peer {
            let site = try TestSite()
            let process = try site.start(
                Binaries.router, ["--udp", "127.0.0.1:\(try FreePort.udp())", "--seed", address, "--state", "off"])
            try await eventually("the node has a line to it", within: .seconds(10)) {
                let status = try await node.run(Binaries.client, ["status", "--json"]).json().first
                return status?["lines"]["proven"].int ?? 0 > 0
            }
            return Peer(site: site, process: process)
        }
    }
}
