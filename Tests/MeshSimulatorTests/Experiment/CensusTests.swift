import Telehash
import TelehashWire
import Testing

@testable import MeshSimulator

@Suite struct CensusTests {
    @Test func closest_isWhatLookingAtEverybodyFinds() {
        var mesh = Mesh(seed: 2)
        var census = Census()
        var random = SeededGenerator(seed: 2)
        let endpoints = mesh.freshEndpoints(300)
        for (number, endpoint) in endpoints.enumerated() {
            census.add(endpoint, now: Instant(nanoseconds: Int64(number)))
        }
        for endpoint in endpoints[..<50] { census.remove(endpoint, now: Instant(nanoseconds: 1_000)) }
        for _ in 0..<200 {
            let target = NodeID(sha1Of: "\(random.next())")
            let asker = Int.random(in: 0..<300, using: &random)
            let expected = (50..<250).filter { $0 != asker }.map { endpoints[$0].nodeID }.sorted {
                target.isCloser($0, than: $1)
            }
            let found = census.closest(
                to: target, count: 8, joinedBy: Instant(nanoseconds: 249), leftAfter: Instant(nanoseconds: 1_000),
                besides: endpoints[asker])
            #expect(found == Array(expected.prefix(8)))
        }
        let earlier = census.closest(
            to: endpoints[3].nodeID, count: 1, joinedBy: Instant(nanoseconds: 500),
            leftAfter: Instant(nanoseconds: 999), besides: nil)
        #expect(earlier == [endpoints[3].nodeID], "who left later was still there")
    }

    @Test func closest_ofFewerThanAskedFor_isEverybody() {
        var census = Census()
        let target = NodeID(sha1Of: "x")
        func all() -> Int {
            census.closest(to: target, count: 8, joinedBy: .zero, leftAfter: .zero, besides: nil).count
        }
        #expect(all() == 0)
        census.add(endpoint("1.2.3.4:5"), now: .zero)
        census.add(endpoint("1.2.3.5:5"), now: .zero)
        #expect(all() == 2)
    }
}
