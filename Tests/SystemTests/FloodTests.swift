import BusClient
import BusSecurity
import Foundation
import Messages
import TestSupport
import Testing
import ZeroMQ

extension SystemTests {
    /// Strangers at the bus: many, silent, or noisy.
    @Suite("Floods of connections", .timeLimit(.minutes(3)))
    struct FloodTests {
        /// libzmq would end the process (ipc) or take a whole core without end (tcp).
        @Test(arguments: ["ipc", "tcp"])
        func connectionsBeyondTheLimitOfOpenFiles_endNothing_andOthersComeInAfterwards(transport: String) async throws {
            let network = try await NetworkSite.make(["router", "alice"])
            let site = network.site
            let port = try FreePort.tcp()
            let bus = transport == "tcp" ? "tcp://127.0.0.1:\(port)" : site.bus
            let list = try network.allow([("client", "alice")], in: "allow")
            let router = try TestProcess(
                "/bin/sh",
                [
                    "-c", "ulimit -n 256; exec \"$@\"", "sh", try Binaries.path(Binaries.router), "--bus", bus, "--udp",
                    "127.0.0.1:\(try FreePort.udp())",
                ] + (transport == "tcp" ? ["--service-key", "router", "--allow", list] : []),
                environment: site.environment)
            _ = try await router.standardError.line(matching: "routing", within: .seconds(10))
            let keys = transport == "tcp" ? try network.keys(of: "alice") : nil
            let friend = try BusClient(bus: bus, keys: keys, name: "friend")
            _ = try await friend.status()

            // More than there are descriptors, and again and again: each is closed after two seconds of silence.
            var strangers: [RawPeer] = []
            for _ in 0..<600 {
                let stranger = transport == "tcp" ? try? RawPeer(tcp: port) : try? RawPeer(unix: network.socketPath)
                if let stranger { strangers.append(stranger) }
            }
            #expect(strangers.count > 150)
            let counters = try await friend.status(timeout: .seconds(5)).counters
            #expect(router.isRunning, "\(router.transcript)")
            #expect(counters["bus_listening_pauses"] ?? 0 >= 1, "\(counters)")
            strangers = []
            let other = try BusClient(bus: bus, keys: keys, name: "other")
            _ = try await other.status(timeout: .seconds(10))
            for client in [friend, other] { await client.close() }
        }

        /// 10,000 connections that say nothing, a million random bytes, and somebody who wants to work meanwhile.
        @Test func tenThousandHalfOpenConnectionsAndAMillionRandomBytes_leaveOthersServed() async throws {
            let node = try await NetworkNode.start()
            let client = try BusClient(bus: node.bus, keys: try node.network.keys(of: "alice"), name: "worker")
            _ = try await Self.latencies(of: client, for: .milliseconds(500))
            let before = try await Self.latencies(of: client, for: .seconds(2))
            let flood = try Flood(port: node.busPort)
            flood.start()
            // They are made in the first second, and closed by the router after two seconds of silence.
            let during = try await Self.latencies(of: client, for: .seconds(4))
            #expect(flood.peers.count == 10_000)
            let counters = try await client.status().counters
            #expect(counters["bus_handshakes_failed"] ?? 0 >= 9_000, "\(counters)")
            for process in [node.router, node.receiver, node.renderer] { #expect(process.isRunning) }
            let (calm, busy) = (Self.percentile(before, 99), Self.percentile(during, 99))
            print("p99 of requests: \(calm) before (\(before.count)), \(busy) during the flood (\(during.count))")
            // The flood needs the processor too, and here everybody shares two cores.
            #expect(busy <= max(calm * 2, .milliseconds(20)))
            #expect(try await node.cli(["send", "after the flood"]).status == 0)
            await client.close()
        }

        private static func latencies(of client: BusClient, for time: Duration) async throws -> [Duration] {
            let end = ContinuousClock.now + time
            var latencies: [Duration] = []
            while ContinuousClock.now < end {
                let start = ContinuousClock.now
                _ = try await client.directory(timeout: .seconds(5))
                latencies.append(ContinuousClock.now - start)
            }
            return latencies
        }

        private static func percentile(_ latencies: [Duration], _ rank: Int) -> Duration {
            latencies.sorted()[(latencies.count - 1) * rank / 100]
        }
    }
}

/// 10,000 connections to a port of 127.0.0.1 that are kept open, and random bytes on some of them, from a thread.
private final class Flood: Sendable {
    private static let connections = 10_000
    private static let noisy = 1_000
    private static let noiseBytes = 1_000

    let peers = Mailbox<RawPeer>()
    private let port: UInt16
    private let noise: [UInt8]

    init(port: UInt16) throws {
        self.port = port
        let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
        noise = [UInt8](try #require(try random.read(upToCount: Self.noisy * Self.noiseBytes)))
    }

    func start() {
        Thread.detachNewThread { [peers, port, noise] in
            for index in 0..<Self.connections {
                guard let peer = try? RawPeer(tcp: port) else { break }
                if index < Self.noisy {
                    peer.send(Array(noise[index * Self.noiseBytes..<(index + 1) * Self.noiseBytes]))
                }
                peers.append(peer)
            }
            peers.finish()
        }
    }
}
