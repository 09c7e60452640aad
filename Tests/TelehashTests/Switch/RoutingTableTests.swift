import MeshSimulator
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
    ) -> Outcome {
        let now = Instant(nanoseconds: Int64(seconds) * 1_000_000_000)
        buckets.note(endpoint, id: endpoint.nodeID, evidence: evidence, now: now)
        if buckets.entry(endpoint, id: endpoint.nodeID) != nil { return .entered }
        let replacements = buckets.replacements(closestTo: center, count: 1_000)
        return replacements.contains { $0.endpoint == endpoint } ? .cached : .refused
    }

    private enum Outcome { case entered, cached, refused }

    @Test("a bucket holds eight; a live one is never displaced; sixteen more wait")
    func capacity() {
        var buckets = Buckets(center: center, limits: .default)
        let peers = far(40) { "10.0.\($0).1:42424" }
        for peer in peers[..<8] { #expect(note(&buckets, peer) == .entered) }
        for peer in peers[8..<24] { #expect(note(&buckets, peer) == .cached) }
        #expect(buckets.population.map(\.switches) == [8])
        for peer in peers[..<8] { #expect(buckets.entry(peer, id: peer.nodeID) != nil) }
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
            peers.count { buckets.entry($0, id: $0.nodeID) != nil } == buckets.population.reduce(0) { $0 + $1.switches }
        )
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

    @Test("neighbours of one address range can't push out the others")
    func knownDiversity() {
        let honest = (0..<60).map(Endpoint.spread)
        var known = KnownSwitches(honest, now: .zero, limits: .default)
        for host in 1...200 { known.remember(Solo.endpoint("203.0.113.\(host):1")) }
        #expect(known.endpoints.count == 63)
        #expect(Array(known.endpoints.suffix(60)) == honest)
        for number in 100..<200 { known.remember(.spread(number)) }
        #expect(known.endpoints.count == Limits.default.routing.knownSwitches)
        #expect(known.endpoints.first == .spread(199))
    }
}

@Suite("Our own address, by what others say")
struct OwnAddressTests {
    private let truth = Solo.endpoint("90.1.2.3:42424")
    private let lie = Solo.endpoint("91.1.2.3:42424")

    private func vote(_ voter: String, _ says: Endpoint) -> OwnAddress.Vote {
        (voter: Solo.endpoint(voter), says: says)
    }

    @Test("the advertised one overrides the bound one, and nobody can change it")
    func configured() {
        var own = OwnAddress(advertised: truth, bound: lie)
        #expect(own.endpoint == truth && own.id == truth.nodeID)
        let changed = own.seed(Solo.endpoint("70.1.1.1:1"), says: lie)
        #expect(!changed && own.endpoint == truth)
    }

    @Test("a seed that was asked is believed until three switches in different /16 agree on something else")
    func seedThenMajority() {
        var own = OwnAddress(advertised: nil, bound: nil)
        let bySeed = own.seed(Solo.endpoint("70.1.1.1:1"), says: lie)
        #expect(bySeed && own.endpoint == lie)
        let two = own.count([vote("71.1.1.1:1", truth), vote("72.1.1.1:1", truth)], limits: .default)
        #expect(!two && own.endpoint == lie)
        let sameNetwork = own.count(
            [vote("71.1.1.1:1", truth), vote("71.1.9.1:1", truth), vote("71.1.8.1:1", truth)], limits: .default)
        #expect(!sameNetwork)
        let three = own.count(
            [vote("71.1.1.1:1", truth), vote("72.1.1.1:1", truth), vote("73.1.1.1:1", lie)], limits: .default)
        #expect(three && own.endpoint == truth)
        let seedAgain = own.seed(Solo.endpoint("70.1.1.1:1"), says: lie)
        #expect(!seedAgain && own.endpoint == truth)
    }

    @Test("without a majority nothing changes, and private addresses from public tellers count for nothing")
    func noMajority() {
        var own = OwnAddress(advertised: nil, bound: nil)
        let split = own.count(
            [vote("71.1.1.1:1", truth), vote("72.1.1.1:1", lie), vote("73.1.1.1:1", Solo.endpoint("92.1.1.1:1"))],
            limits: .default)
        #expect(!split && own.endpoint == nil)
        let inside = Solo.endpoint("192.168.1.5:42424")
        let privately = own.count(
            [vote("71.1.1.1:1", inside), vote("72.1.1.1:1", inside), vote("73.1.1.1:1", inside)], limits: .default)
        #expect(!privately && own.endpoint == nil)
        let local = own.seed(Solo.endpoint("192.168.1.9:1"), says: inside)
        #expect(local && own.endpoint == inside)
    }

    // MARK: T25

    @Test(arguments: [(1, 3), (2, 5), (3, 7), (1, 8)])
    func ownAddress_whenAMinorityLies_staysTheTrueOne(_ liars: Int, _ voters: Int) {
        let runs = ThreatScale.count(1_000, full: 10_000)
        var mesh = Mesh(seed: 25)
        var random = SeededGenerator(seed: 25)
        var changed = 0
        for _ in 0..<runs {
            let truth = mesh.freshEndpoint()
            // The worst case: all liars agree, and the votes come in any order.
            let lie = mesh.freshEndpoint()
            var address = OwnAddress(advertised: nil, bound: nil)
            let seed = mesh.freshEndpoint()
            let isBelieved = address.seed(seed, says: truth)
            #expect(isBelieved)
            var wide: Set<AddressGroup> = []
            var votes: [OwnAddress.Vote] = []
            while votes.count < voters {
                let voter = mesh.freshEndpoint()
                guard wide.insert(voter.wideGroup).inserted else { continue }
                votes.append((voter: voter, says: votes.count < liars ? lie : truth))
            }
            votes.shuffle(using: &random)
            for count in 1...votes.count {
                // As the votes come in, some prefix may have a lying majority only below the quorum of three.
                guard votes.prefix(count).count(where: { $0.says == lie }) * 2 < max(3, count) else { continue }
                _ = address.count(Array(votes.prefix(count)), limits: .default)
            }
            _ = address.count(votes, limits: .default)
            if address.endpoint != truth { changed += 1 }
        }
        ThreatScale.report("T25 \(liars) liars of \(voters): \(changed) of \(runs) changed")
        #expect(changed == 0)
    }

    /// One operator with a thousand addresses in one /16 has one vote.
    @Test func ownAddress_whenOneNetworkShouts_staysTheTrueOne() {
        let truth = Solo.endpoint("99.1.0.1:42424")
        let lie = Solo.endpoint("99.9.9.9:9")
        var address = OwnAddress(advertised: nil, bound: nil)
        _ = address.seed(Solo.endpoint("77.1.2.3:1"), says: truth)
        var votes: [OwnAddress.Vote] = (0..<1_000).map {
            (voter: Solo.endpoint("66.5.\($0 % 250).\($0 / 250 + 1):1"), says: lie)
        }
        votes += ["11.1.1.1:1", "22.2.2.2:2"].map { (voter: Solo.endpoint($0), says: truth) }
        _ = address.count(votes, limits: .default)
        #expect(address.endpoint == truth)
        _ = address.count(Array(votes.prefix(1_000)), limits: .default)
        #expect(address.endpoint == truth, "one voter is no quorum")
    }
}
