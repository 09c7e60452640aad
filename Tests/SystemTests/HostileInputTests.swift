import Bus
import BusClient
import Foundation
import TestSupport
import Testing
import ZeroMQ

extension SystemTests {
    /// A peer's bytes are data: they are counted and dropped, and stop nothing.
    @Suite("Hostile input", .timeLimit(.minutes(2)))
    struct HostileInputTests {
        @Test func tenThousandRandomDatagrams_leaveEveryServiceRunning() async throws {
            let node = try await TestNode.start()
            let before = Set(node.site.processes())
            var noise = Noise(seed: 0x2011)
            let telexes = try Vectors.transcriptNames.flatMap { try Vectors.transcript($0) }.map {
                Array($0.raw.utf8)
            }
            let strangers = try (0..<16).map { _ in try UDPPeer() }
            for index in 0..<10_000 {
                let stranger = strangers[index % strangers.count]
                // Half of it is noise from the first byte, half passes for a telex until something is wrong.
                let bytes = index.isMultiple(of: 2) ? noise.bytes(upTo: 1_472) : noise.damaged(noise.pick(telexes))
                try stranger.send(bytes, to: node.udpPort)
            }
            try await node.send("after the noise")
            #expect(try await node.page().contains("after the noise"))
            #expect(Set(node.site.processes()) == before, "nothing died")
            let counters = try await node.status()["counters"].object ?? [:]
            let dropped = counters.filter { $0.key.hasPrefix("telex_") }.compactMap(\.value.number).reduce(0, +)
            #expect(dropped > 1_000, "the noise was counted: \(counters)")
        }

        @Test func aThousandRandomFrames_onEverySocketOfTheBus_leaveEveryServiceRunning() async throws {
            let node = try await TestNode.start()
            let before = Set(node.site.processes())
            let client = try BusClient(bus: node.bus, name: "hostile")
            let directory = try await client.directory(timeout: .seconds(5))
            await client.close()
            let endpoints = [node.bus] + directory.receivers.map(\.queryEndpoint)
            try #require(endpoints.count == 2)

            for (offset, endpoint) in endpoints.enumerated() {
                let loop = try Loop(name: "hostile")
                let sent = try await Self.shout(1_000, at: endpoint, on: loop, seed: UInt64(offset + 1))
                #expect(sent == 1_000)
                await loop.shutdown()
            }
            try await node.send("after the frames", ["--timeout", "10s"])
            try await eventually("the page shows it", within: .seconds(5)) {
                try await node.page().contains("after the frames")
            }
            #expect(Set(node.site.processes()) == before, "nothing died")
        }

        /// Sends that many messages of random frames, some of which begin as real ones do; returns how many went out.
        private static func shout(_ count: Int, at endpoint: String, on loop: Loop, seed: UInt64) async throws -> Int {
            try await withCheckedThrowingContinuation { done in
                loop.post { context in
                    do {
                        var options = SocketOptions()
                        options.immediate = false
                        options.sendHighWater = count + 1
                        let socket = try context.socket(.dealer, options)
                        try socket.connect(endpoint)
                        var noise = Noise(seed: seed)
                        var sent = 0
                        for _ in 0..<count where socket.send(noise.frames()) == .sent { sent += 1 }
                        done.resume(returning: sent)
                    } catch {
                        done.resume(throwing: error)
                    }
                }
            }
        }
    }
}

/// Random bytes from a seed, so that a failure can be had again.
private struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func bytes(upTo most: Int) -> [UInt8] {
        (0..<below(most + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// A copy with a few bytes changed, cut, or doubled.
    mutating func damaged(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<1 + below(4) where !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: next()) }
        switch below(4) {
        case 0: bytes.removeLast(below(bytes.count + 1))
        case 1: bytes += bytes
        default: break
        }
        return Array(bytes.prefix(1_472))
    }

    /// Some frames; half of them begin with the bus's mark and version and any kind.
    mutating func frames() -> [[UInt8]] {
        guard below(2) == 0 else { return (0..<1 + below(5)).map { _ in bytes(upTo: 300) } }
        let header = Array("P2".utf8) + [BusMessage.version, UInt8(below(40))]
        return [header, bytes(upTo: 300)]
    }
}
