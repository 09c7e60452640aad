import Glibc
import Testing

@testable import ZeroMQ

@Suite struct DescriptorsTests {
    @Test(arguments: [(256, 192), (1_024, 768), (20_000, 15_904), (1_048_576, 1_044_480)])
    func aQuarterOfTheLimit_andAtMostTheReserve_isNotForConnections(limit: Int, first: Int32) {
        let descriptors = Descriptors(limit: limit)
        #expect(descriptors.firstReserved == first)
        #expect(!descriptors.isScarce(after: first - 1))
        #expect(descriptors.isScarce(after: first))
    }

    @Test func room_isThereAgainOnlyWhenSomethingBeforeTheReserveIsFree() throws {
        let open = try #require(lowestFree())
        let plenty = Descriptors(limit: Int(open) + 400)
        #expect(plenty.haveRoom(probing: 0))
        // All before the reserve are taken.
        let scarce = Descriptors(limit: Int(open) + 2)
        #expect(!scarce.haveRoom(probing: 0))
        // The reserve is half gone.
        let first = plenty.firstReserved
        let copies = (first..<first + 100).map { fcntl(0, F_DUPFD_CLOEXEC, $0) }
        #expect(!plenty.haveRoom(probing: 0))
        for copy in copies { close(copy) }
        #expect(plenty.haveRoom(probing: 0))
    }

    private func lowestFree() -> Int32? {
        let copy = dup(0)
        guard copy >= 0 else { return nil }
        close(copy)
        return copy
    }
}
