import Hummingbird
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@testable import RendererService

/// Reads that are dear, and those who read meanwhile.
@Suite(.timeLimit(.minutes(1))) struct TurnsTests {
    /// Those that have begun, and those that may end.
    private final class Gate: Sendable {
        let begun = Mailbox<Int>()
        private let open = AsyncStream.makeStream(of: Void.self)

        func pass(_ number: Int) async {
            begun.append(number)
            for await _ in open.stream { break }
        }

        func letOneEnd() { open.continuation.yield() }
    }

    private func visitor(_ address: String) throws -> Visitor { .at(try #require(NetworkAddress(address))) }

    @Test func aVisitor_hasAFewReadsUnderWay_andOthersHaveTheirs() async throws {
        let turns = Turns()
        let (greedy, other) = (try visitor("2001:db8:0:1::1"), try visitor("192.0.2.1"))
        // Another network of the same site.
        let neighbour = try visitor("2001:db8:0:2::1")
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<(Limits.visitorReads + Limits.waitingReads) {
                let visitor = number.isMultiple(of: 2) ? greedy : neighbour
                group.addTask { try await turns.hold(of: visitor) { await gate.pass(number) } }
            }
            let site = try #require(greedy.site)
            try await eventually("all wait", within: .seconds(10)) { turns.waiting(of: site) == Limits.waitingReads }
            let refused = await #expect(throws: Problem.self) { try await turns.hold(of: neighbour) {} }
            #expect(refused?.status == .tooManyRequests)
            #expect(gate.begun.all.count == Limits.visitorReads)
            let served = try await turns.hold(of: other) { 7 }
            #expect(served == 7)
            for _ in 0..<10 { try await turns.hold(of: .local) {} }
            for _ in 0..<(Limits.visitorReads + Limits.waitingReads) { gate.letOneEnd() }
            try await group.waitForAll()
        }
        #expect(gate.begun.all.count == Limits.visitorReads + Limits.waitingReads)
        // Nothing is left of it.
        try await turns.hold(of: greedy) {}
    }
}
