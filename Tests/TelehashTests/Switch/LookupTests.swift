import TelehashWire
import Testing

@testable import Telehash

@Suite("Lookups")
struct LookupTests {
    private let limits = Limits.default

    /// A network of which everybody knows a few of each distance, as Kademlia has it.
    private struct Network {
        let places: [Endpoint]
        let known: [Endpoint: [Endpoint]]
        var dead: Set<Endpoint> = []

        init(_ count: Int, seed: UInt64) {
            var random = Seeded(seed: seed)
            places = (0..<count).map { .spread($0) }
            let ids = places.map(\.nodeID)
            var known: [Endpoint: [Endpoint]] = [:]
            for (index, place) in places.enumerated() {
                var buckets: [Int: [Endpoint]] = [:]
                for other in places.indices.shuffled(using: &random) where other != index {
                    let bucket = ids[index].bucket(to: ids[other])
                    if buckets[bucket, default: []].count < 8 { buckets[bucket, default: []].append(places[other]) }
                }
                known[place] = buckets.keys.sorted().flatMap { buckets[$0] ?? [] }
            }
            self.known = known
        }

        func closest(to target: NodeID, count: Int = 8, among: [Endpoint]? = nil) -> [Endpoint] {
            Array((among ?? places).sorted { target.isCloser($0.nodeID, than: $1.nodeID) }.prefix(count))
        }

        func see(_ asked: Endpoint, _ target: NodeID) -> [Endpoint] {
            closest(to: target, among: known[asked])
        }
    }

    /// Runs one lookup to its end and returns who answered.
    private func run(_ network: Network, _ target: NodeID, from start: [Endpoint]) -> (answered: [Endpoint], asked: Int)
    {
        var lookup = Lookup(target: target, startedAt: .zero, limits: limits)
        for endpoint in start { lookup.offer(endpoint, id: endpoint.nodeID) }
        var now = Instant.zero
        var answered: [Endpoint] = []
        while !lookup.isFinished {
            var round: [Endpoint] = []
            while let next = lookup.next(now: now) { round.append(next.endpoint) }
            #expect(round.count <= limits.routing.alpha)
            for endpoint in round where !network.dead.contains(endpoint) {
                for seen in network.see(endpoint, target) { lookup.offer(seen, id: seen.nodeID) }
                lookup.didAnswer(endpoint, isShort: false, now: now)
                answered.append(endpoint)
            }
            now = now.advanced(by: .seconds(1))
            _ = lookup.expire(now: now, patience: .seconds(1))
        }
        return (answered, lookup.asked)
    }

    @Test("it finds the eight closest of a thousand, asking no more than twenty")
    func converges() {
        let network = Network(1000, seed: 41)
        var found = 0
        for number in 0..<40 {
            let target = NodeID(sha1Of: "target \(number)")
            let result = run(network, target, from: [network.places[number]])
            #expect(result.asked <= 20)
            found += network.closest(to: target).count { result.answered.contains($0) }
        }
        #expect(found >= 40 * 8 * 97 / 100, "\(found) of 320")
    }

    @Test("a near one that did not answer counts as silent when two who answered named it, however often each did")
    func silent() {
        let near = (0..<400).map(Endpoint.spread).sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
        let far = near[9]
        var lookup = Lookup(target: .tweets, startedAt: .zero, limits: limits)
        for endpoint in near[0...9] { lookup.offer(endpoint, id: endpoint.nodeID) }
        for endpoint in near[2...9] { lookup.didAnswer(endpoint, isShort: false, now: .zero) }
        for endpoint in near[0...1] + near[10...11] { lookup.didFail(endpoint) }
        func name(_ endpoint: Endpoint, by slot: Int) {
            let teller = LineTable.Handle(slot: UInt32(slot), generation: 0)
            lookup.offer(endpoint, id: endpoint.nodeID, toldBy: teller)
        }
        for _ in 0..<3 { name(near[0], by: 1) }
        #expect(lookup.silentClosest.isEmpty)
        name(near[0], by: 2)
        #expect(lookup.silentClosest == [near[0]])
        name(near[1], by: 1)
        name(near[1], by: 2)
        #expect(lookup.silentClosest == Array(near[0...1]))
        // Behind the closest set nobody is missed.
        let behind = near[10]
        #expect(NodeID.tweets.isCloser(far.nodeID, than: behind.nodeID))
        name(behind, by: 1)
        name(behind, by: 2)
        lookup.didFail(behind)
        #expect(lookup.silentClosest == Array(near[0...1]))
    }

    @Test("with three in ten dead it still finds most of the living ones, and the closest of them")
    func dead() {
        var network = Network(1000, seed: 42)
        var random = Seeded(seed: 43)
        network.dead = Set(network.places.shuffled(using: &random).prefix(300))
        let living = network.places.filter { !network.dead.contains($0) }
        var found = 0
        var nearest = 0
        for number in 0..<40 {
            let target = NodeID(sha1Of: "target \(number)")
            let result = run(network, target, from: Array(living.prefix(8)))
            let truth = network.closest(to: target, among: living)
            found += truth.count { result.answered.contains($0) }
            if result.answered.contains(truth[0]) { nearest += 1 }
        }
        #expect(found >= 320 * 80 / 100, "\(found) of 320")
        #expect(nearest >= 38, "\(nearest) of 40")
    }

    @Test("three questions are in flight; a late answer is asked for once more, and then given up")
    func flight() {
        var lookup = Lookup(target: .tweets, startedAt: .zero, limits: limits)
        for number in 0..<10 { lookup.offer(.spread(number), id: Endpoint.spread(number).nodeID) }
        func ask(at now: Instant) -> [Endpoint] {
            var asked: [Endpoint] = []
            while let next = lookup.next(now: now) { asked.append(next.endpoint) }
            return asked
        }
        let patience = Duration.milliseconds(400)
        let late = Instant(nanoseconds: 400_000_000)
        let first = ask(at: .zero)
        #expect(first.count == 3)
        #expect(lookup.deadline(patience: patience) == late)
        #expect(lookup.expire(now: Instant(nanoseconds: 399_999_999), patience: patience).isEmpty)
        #expect(lookup.expire(now: late, patience: patience).isEmpty)
        #expect(Set(ask(at: late)) == Set(first))
        #expect(lookup.asked == 3, "a second try is no second question")
        let failed = lookup.expire(now: late.advanced(by: patience), patience: patience)
        #expect(Set(failed) == Set(first))
        #expect(Set(ask(at: late.advanced(by: patience))).isDisjoint(with: first))
    }

    @Test("how long answers are waited for follows from how long they took, between bounds")
    func patience() {
        var time = AnswerTime(limits: .default)
        #expect(time.patience == .milliseconds(500))
        for _ in 0..<50 { time.didTake(.milliseconds(100)) }
        #expect(time.patience == .milliseconds(200), "not below the shortest")
        for number in 0..<50 { time.didTake(.milliseconds(number % 2 == 0 ? 150 : 450)) }
        let patience = time.patience
        #expect(patience > .milliseconds(450) && patience < .seconds(2))
        for _ in 0..<50 { time.didTake(.seconds(3)) }
        #expect(time.patience == .seconds(2))
    }

    @Test("one public IP is asked once, whatever its ports; local ones are exempt")
    func diversity() {
        var lookup = Lookup(target: .tweets, startedAt: .zero, limits: limits)
        let sybils = (1...500).map { Solo.endpoint("66.6.6.6:\($0)") }
        #expect(sybils.count { lookup.offer($0, id: $0.nodeID) } == 1)
        let locals = (1...20).map { Solo.endpoint("127.0.0.1:\($0)") }
        #expect(locals.count { lookup.offer($0, id: $0.nodeID) } == 20)
    }

    @Test("candidates are bounded, the nearest stay")
    func bounded() {
        var lookup = Lookup(target: .tweets, startedAt: .zero, limits: limits)
        let all = (0..<1000).map { Endpoint.spread($0) }
        for endpoint in all { lookup.offer(endpoint, id: endpoint.nodeID) }
        #expect(lookup.candidates.count == limits.routing.lookupCandidates)
        let nearest = all.sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }.prefix(
            limits.routing.lookupCandidates)
        #expect(lookup.candidates.map(\.endpoint) == Array(nearest))
    }

    @Test("a short first answer is asked for the rest, once")
    func again() {
        var lookup = Lookup(target: .tweets, startedAt: .zero, limits: limits)
        let peer = Endpoint.spread(1)
        lookup.offer(peer, id: peer.nodeID)
        let first = lookup.next(now: .zero)?.endpoint
        #expect(first == peer)
        lookup.didAnswer(peer, isShort: true, now: .zero)
        #expect(!lookup.isFinished)
        let second = lookup.next(now: .zero)?.endpoint
        #expect(second == peer)
        lookup.didAnswer(peer, isShort: true, now: .zero)
        let third = lookup.next(now: .zero)
        #expect(third == nil)
        #expect(lookup.isFinished)
        #expect(lookup.asked == 1)
    }

    @Test("short answers on the way are enough: only the eight nearest are asked for the rest")
    func onTheWay() {
        var lookup = Lookup(target: .tweets, startedAt: .zero, limits: limits)
        let peers = (0..<40).map { Endpoint.spread($0) }.sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
        for peer in peers.suffix(4) { lookup.offer(peer, id: peer.nodeID) }
        var questions: [Endpoint: Int] = [:]
        while let next = lookup.next(now: .zero)?.endpoint {
            questions[next, default: 0] += 1
            for peer in peers.prefix(20) { lookup.offer(peer, id: peer.nodeID) }
            lookup.didAnswer(next, isShort: questions[next] == 1, now: .zero)
        }
        #expect(peers.prefix(8).allSatisfy { questions[$0] == 2 })
        #expect(peers.dropFirst(8).allSatisfy { questions[$0, default: 0] <= 1 })
    }

    @Test("a distribution puts each value into the first class that holds it")
    func distribution() {
        var distribution = Distribution(bounds: [1, 10])
        #expect(distribution.mean == nil)
        for value in [0, 1, 1.6, 10, 11, -5, .infinity] { distribution.note(value) }
        #expect(distribution.counts == [3, 2, 2])
        #expect(distribution.count == 7)
    }
}

@Suite("Dials")
struct DiallerTests {
    private let limits = Limits.default

    private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    @Test("a public IP gets two dials, then one in 30 s; local ones as many as they like")
    func perHost() {
        var dialler = Dialler(now: .zero, limits: limits)
        var taken = 0
        for second in 0..<120 {
            for port in 1...5
            where dialler.takeHost(of: Solo.endpoint("66.6.6.6:\(port)"), now: moment(Double(second))) {
                taken += 1
            }
        }
        #expect(taken == 2 + 3)
        for port in 1...50 { #expect(dialler.takeHost(of: .local(port), now: .zero) == true) }
    }

    @Test("an address waits once, and the queue is bounded")
    func queue() {
        var dialler = Dialler(now: .zero, limits: limits)
        var accepted = 0
        for number in 0..<1000 {
            let endpoint = Endpoint.spread(number)
            let call = Dialler.Call(endpoint: endpoint, id: endpoint.nodeID, teller: nil)
            if dialler.enqueue(call) { accepted += 1 }
            _ = dialler.enqueue(call)
        }
        #expect(accepted == limits.routing.dialQueue)
        var count = 0
        while !dialler.waiting.isEmpty {
            count += 1
            dialler.removeNext()
        }
        #expect(count == limits.routing.dialQueue)
    }

    @Test("a teller of a thousand addresses makes us dial ten a second, and never ourselves or nonsense")
    func teller() {
        let solo = Solo()
        let liar = Solo.endpoint("10.2.0.1:42424")
        let line = solo.prove(liar)
        var dialled: [Endpoint] = []
        for round in 0..<125 {
            let see = (0..<8).map { Solo.endpoint("10.\(100 + round).\($0).1:42424") }
            dialled += solo.receive(Telex(line: line, br: 0, see: see), from: liar).filter { $0.telex.ring != nil }.map(
                \.to)
        }
        dialled += solo.advance(by: .seconds(10)).filter { $0.telex.ring != nil }.map(\.to)
        #expect(dialled.count <= 20 + 100 + 2)
        #expect(dialled.count > 15)
        let nonsense = [
            Solo.home, liar, Solo.endpoint("0.0.0.0:1"), Solo.endpoint("224.0.0.1:5"), Solo.endpoint("[::1]:5"),
        ]
        solo.advance(by: .seconds(60))
        solo.receive(Telex(line: line, signals: Signals(["+end": NodeID.tweets.hex])), from: liar)
        let sent = solo.receive(Telex(line: line, see: nonsense), from: liar) + solo.advance(by: .seconds(3))
        #expect(sent.allSatisfy { $0.to == liar || !nonsense.contains($0.to) })
    }

    @Test("from a public address nothing private is dialled")
    func privateSpace() {
        let solo = Solo(at: Solo.endpoint("80.1.2.3:42424"))
        let teller = Solo.endpoint("81.1.2.3:42424")
        let line = solo.prove(teller)
        let see = [
            Solo.endpoint("10.0.0.1:1"), Solo.endpoint("127.0.0.1:42424"), Solo.endpoint("192.168.1.1:1"),
            Solo.endpoint("82.1.1.1:7"),
        ]
        let sent = solo.receive(Telex(line: line, see: see), from: teller) + solo.advance(by: .seconds(3))
        #expect(Set(sent.filter { $0.telex.ring != nil }.map(\.to)) == [Solo.endpoint("82.1.1.1:7")])
    }

    @Test("an address that never answers is dialled at most three times")
    func unanswered() {
        let solo = Solo()
        let teller = Solo.endpoint("10.2.0.1:42424")
        let ghost = Solo.endpoint("10.3.0.1:42424")
        let line = solo.prove(teller)
        var dials = 0
        for _ in 0..<30 {
            dials += solo.receive(Telex(line: line, br: 0, see: [ghost]), from: teller).to(ghost).count
            dials += solo.advance(by: .seconds(2)).to(ghost).count
        }
        #expect((2...3).contains(dials))
    }
}
