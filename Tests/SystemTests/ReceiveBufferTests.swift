import BusClient
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("A router that is held up", .timeLimit(.minutes(1)))
    struct ReceiveBufferTests {
        @Test func everyDatagram_isReadLater_orCountedAsDropped() async throws {
            let site = try TestSite()
            let port = try FreePort.udp()
            let router = try site.start(Binaries.router, ["--udp", "127.0.0.1:\(port)"])
            let client = try BusClient(bus: site.bus, name: "test")
            try await eventually("the router answers", within: .seconds(10)) {
                try await client.status(timeout: .seconds(1)).counters["udp_receive_drops"] == 0
            }
            router.signal(SIGSTOP)
            let stranger = try UDPPeer()
            let (count, datagram) = (40_000, "{\"padding\":\"" + String(repeating: ".", count: 400) + "\"}")
            for _ in 0..<count { try stranger.send(datagram, to: port) }
            router.signal(SIGCONT)
            let counters = try await eventually("all of them are accounted for", within: .seconds(10)) {
                let counters = try await client.status(timeout: .seconds(5)).counters
                let seen = counters["telexes_received", default: 0] + counters["udp_receive_drops", default: 0]
                return seen >= UInt64(count) ? counters : nil
            }
            let (read, dropped) = (counters["telexes_received"] ?? 0, counters["udp_receive_drops"] ?? 0)
            #expect(read + dropped == UInt64(count))
            #expect(dropped > 0, "more than the buffer holds")
            // Past the system's ceiling, for whoever may administer networks: its 200 kB hold some 300 of them.
            if Hosts.obstacle == nil { #expect(read > 5_000) }
            await client.close()
        }
    }
}
