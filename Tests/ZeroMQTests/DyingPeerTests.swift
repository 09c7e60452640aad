import TestSupport
import Testing
import ZeroMQ

/// A peer that goes away while what it sent is being read.
@Suite struct DyingPeerTests {
    /// Messages of two frames end the process here about once in three runs (libzmq's `!_more`, fq.cpp); the bus's have one.
    @Test func dealer_whosePeerDiesWhileItReads_goesOn() async throws {
        let reader = try Rig("reader")
        var count = 0
        for _ in 0..<40 {
            let peer = try Rig("peer", directory: reader.directory)
            let asked = Mailbox<[[UInt8]]>()
            var options = SocketOptions()
            options.sendHighWater = 4_096
            let router = try await peer.bound(.router, to: reader.endpoint(), options, into: asked)
            let received = Mailbox<[[UInt8]]>()
            let dealer = try await reader.connected(.dealer, to: reader.endpoint(), into: received)
            try await reader.sendWhenWritable(dealer, [[1]])
            let routing = try #require(await asked.first(within: .seconds(10))).element[0]
            peer.loop.post { context in
                for number in 0..<2_000 { router.value(in: context).send([routing, frame(number)]) }
                router.value(in: context).close()
            }
            await peer.loop.shutdown()
            try await reader.loop.run { dealer.value(in: $0).close() }
            // How much of it comes before the connection's end is noticed is a matter of luck.
            count += received.count
        }
        #expect(count > 0)
        await reader.loop.shutdown()
    }
}
