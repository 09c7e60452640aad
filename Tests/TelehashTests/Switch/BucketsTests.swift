import TelehashWire
import Testing

@testable import Telehash

@Suite("Buckets")
struct BucketsTests {
    private let center = NodeID(sha1Of: "center")

    /// Endpoints that fall into the furthest bucket, of which half of all do.
    private func far(_ count: Int, _ name: (Int) -> String) -> [Endpoint] {
        var found: [Endpoint] = []
        var number = 0
        while found.count < count {
            let endpoint = Solo.endpoint(name(number))
            number += 1
            if center.bucket(to: endpoint.nodeID) == 159 { found.append(endpoint) }
        }
        return found
    }

    private func note(
        _ buckets: inout Buckets, _ endpoint: Endpoint, _ evidence: Buckets.Evidence = .answeredUs, at seconds: Int = 0
    ) -> Buckets.Outcome {
        buckets.note(
            endpoint, id: endpoint.nodeID, evidence: evidence, now: Instant(nanoseconds: Int64(seconds) * 1_000_000_000)
        )
    }

    @Test("a bucket holds eight; a live one is never displaced; sixteen more wait")
    func capacity() {
        var buckets = Buckets(center: center, limits: .default)
        let peers = far(40) { "10.0.\($0).1:42424" }
        for peer in peers[..<8] { #expect(note(&buckets, peer) == .entered) }
        for peer in peers[8..<24] { #expect(note(&buckets, peer) == .cached) }
        #expect(buckets.population.map(\.switches) == [8])
        for peer in peers[..<8] { #expect(buckets.contains(peer, id: peer.nodeID)) }
        #expect(buckets.replacements(closestTo: center, count: 100).count == 16)
        #expect(note(&buckets, peers[24], .heardOf) == .refused, "hearsay displaces nobody that answered")
        let replacements = buckets.remove(peers[0], id: peers[0].nodeID, now: .zero)
        #expect(replacements.count == 16)
        #expect(buckets.wants(replacements[0].endpoint, id: replacements[0].id))
    }

    @Test("only an answer makes an entry; better evidence comes first among the replacements")
    func evidence() {
        var buckets = Buckets(center: center, limits: .default)
        let peers = far(4) { "10.0.\($0).1:42424" }
        #expect(note(&buckets, peers[0], .heardOf) == .cached)
        #expect(note(&buckets, peers[1], .askedUs) == .cached)
        #expect(note(&buckets, peers[2], .answeredUs) == .entered)
        #expect(note(&buckets, peers[3], .heardOf, at: 5) == .cached)
        let order = buckets.remove(peers[2], id: peers[2].nodeID, now: .zero).map(\.endpoint)
        #expect(order == [peers[1], peers[3], peers[0]])
        #expect(note(&buckets, peers[0], .answeredUs) == .entered)
        #expect(
            buckets.replacements(closestTo: center, count: 9).map(\.endpoint).sorted { "\($0)" < "\($1)" }
                == [peers[1], peers[2], peers[3]].sorted { "\($0)" < "\($1)" })
    }

    @Test("two of a /24 in a bucket, three in the table, one of a host; private ranges are exempt")
    func diversity() {
        var buckets = Buckets(center: center, limits: .default)
        let neighbours = far(6) { "80.1.1.\($0 + 1):42424" }
        #expect(note(&buckets, neighbours[0]) == .entered)
        #expect(note(&buckets, neighbours[1]) == .entered)
        #expect(note(&buckets, neighbours[2]) != .entered)
        let ports = far(3) { "80.2.1.1:\($0 + 1000)" }
        #expect(note(&buckets, ports[0]) == .entered)
        #expect(note(&buckets, ports[1]) != .entered)
        let local = far(5) { "127.0.0.1:\($0 + 1000)" }
        for peer in local { #expect(note(&buckets, peer) == .entered) }

        // The same /24 in other buckets: one more, and then never again, until one of the three leaves.
        var others: [Endpoint] = []
        var number = 100
        while others.count < 2 {
            let endpoint = Solo.endpoint("80.1.1.\(number):42424")
            number += 1
            if center.bucket(to: endpoint.nodeID) != 159 { others.append(endpoint) }
        }
        #expect(note(&buckets, others[0]) == .entered)
        #expect(note(&buckets, others[1]) != .entered)
        _ = buckets.remove(neighbours[0], id: neighbours[0].nodeID, now: .zero)
        #expect(note(&buckets, others[1]) == .entered)
    }

    @Test("one IP with all its ports holds at most one place in a bucket of a mixed crowd")
    func sybils() {
        var buckets = Buckets(center: center, limits: .default)
        for port in 1...5000 {
            let sybil = Solo.endpoint("66.6.6.6:\(port)")
            _ = note(&buckets, sybil)
        }
        let total = buckets.population.reduce(0) { $0 + $1.switches }
        #expect(total == 3, "three of a /24 in the table")
        #expect(buckets.population.allSatisfy { $0.switches == 1 })
    }

    @Test("the table moves with our place")
    func move() {
        var buckets = Buckets(center: center, limits: .default)
        let peers = far(8) { "10.0.\($0).1:42424" }
        for peer in peers { _ = note(&buckets, peer) }
        let place = NodeID(sha1Of: "elsewhere")
        buckets.move(to: place, now: .zero)
        #expect(buckets.center == place)
        #expect(
            peers.count { buckets.contains($0, id: $0.nodeID) } == buckets.population.reduce(0) { $0 + $1.switches })
        #expect(buckets.population.reduce(0) { $0 + $1.switches } == 8)
        for (distance, _) in buckets.population {
            #expect(peers.contains { place.bucket(to: $0.nodeID) == distance })
        }
    }

    @Test(
        "a random place falls into the bucket that was asked for",
        arguments: [159, 128, 96, 95, 64, 33, 32, 31, 7, 1, 0])
    func randomPlace(_ bucket: Int) {
        var random = Seeded(seed: UInt64(bucket))
        for _ in 0..<50 {
            #expect(center.bucket(to: NodeID.random(inBucket: bucket, of: center, using: &random)) == bucket)
        }
    }

    @Test("our own place has no bucket")
    func ownPlace() {
        var buckets = Buckets(center: Solo.home.nodeID, limits: .default)
        #expect(note(&buckets, Solo.home) == .refused)
        #expect(!buckets.wants(Solo.home, id: Solo.home.nodeID))
    }
}
