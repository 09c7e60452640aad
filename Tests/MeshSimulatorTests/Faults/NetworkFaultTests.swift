import Telehash
import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// Each fault of the network on its own, seen by what reaches a lone node.
@Suite struct NetworkFaultTests {
    private let sender = endpoint("9.8.7.6:5432")
    private let datagram = Array(#"{"+end":"8bf1cce916417d16b7554135b6b075fb16dd26ce"}"#.utf8)

    /// Sends datagrams from outside, a millisecond apart, and gives them time to arrive.
    private func mesh(after count: Int, _ change: (inout NetworkFaults) -> Void) -> (mesh: Mesh, log: EventLog) {
        var faults = NetworkFaults()
        change(&faults)
        var mesh = Mesh(seed: 8, faults: faults)
        let node = mesh.addNode()
        let log = EventLog(of: node, in: &mesh, capacity: 10_000)
        for number in 0..<count {
            mesh.inject(datagram + Array("\(number)".utf8), from: sender, to: node)
            mesh.run(for: .milliseconds(1))
        }
        mesh.run(for: .seconds(10))
        return (mesh, log)
    }

    /// The numbers behind the datagrams, in the order of their arrival.
    private func arrivals(_ log: EventLog) -> [Int] {
        log.text.filter { $0.contains("from 9.8.7.6") }.compactMap { line in
            line.split(separator: "}").last.flatMap { Int($0) }
        }
    }

    @Test func network_withoutFaults_deliversEverythingOnceAndInTime() {
        let (mesh, log) = mesh(after: 1_000) { $0.delay = .uniform(from: .milliseconds(5), to: .milliseconds(5)) }
        #expect(arrivals(log) == Array(0..<1_000))
        #expect(mesh.counters.received == 1_000)
    }

    @Test func loss_losesItsShare() {
        let (mesh, log) = mesh(after: 2_000) { $0.loss = 0.3 }
        #expect((540...660).contains(2_000 - arrivals(log).count))
        #expect(mesh.counters.received + mesh.counters.lost >= 2_000)
    }

    @Test func duplication_deliversItsShareTwice() {
        let (_, log) = mesh(after: 2_000) { $0.duplication = 0.2 }
        #expect((340...460).contains(arrivals(log).count - 2_000))
        #expect(Set(arrivals(log)).count == 2_000)
    }

    @Test func reordering_letsLaterDatagramsOvertake() {
        let (_, log) = mesh(after: 1_000) {
            $0.delay = .uniform(from: .milliseconds(5), to: .milliseconds(5))
            $0.reordering = 0.1
        }
        let numbers = arrivals(log)
        #expect(numbers.sorted() == Array(0..<1_000))
        let overtaken = zip(numbers, numbers.dropFirst()).count { $0 > $1 }
        #expect((60...110).contains(overtaken))
    }

    @Test func corruption_flipsOneBitOfItsShare() {
        let (mesh, _) = mesh(after: 1_000) { $0.corruption = 0.5 }
        #expect((440...560).contains(mesh.counters.corrupted))
        #expect(mesh.counters.received == 1_000)
    }

    @Test func truncation_cutsItsShareShort() {
        let (mesh, log) = mesh(after: 1_000) { $0.truncation = 0.5 }
        #expect((440...560).contains(mesh.counters.truncated))
        let whole = log.text.filter { $0.contains("26ce\"}") }
        #expect(whole.count < 600)
    }

    @Test func delays_stayWithinTheirBounds() {
        var random = SeededGenerator(seed: 4)
        let uniform = NetworkFaults.Delay.uniform(from: .milliseconds(10), to: .milliseconds(20))
        let tailed = NetworkFaults.Delay.longTailed(floor: .milliseconds(10), ceiling: .seconds(1))
        var sum: Int64 = 0
        for _ in 0..<10_000 {
            #expect((10_000_000...20_000_000).contains(uniform.nanoseconds(using: &random)))
            let delay = tailed.nanoseconds(using: &random)
            #expect((10_000_000...1_000_000_000).contains(delay))
            sum += delay
        }
        #expect((18_000_000...21_000_000).contains(sum / 10_000), "a mean of twice the floor")
    }

    @Test func cut_inOneDirection_letsTheOtherThrough() {
        var mesh = Mesh(seed: 9)
        let a = mesh.addNode()
        let b = mesh.addNode(seeds: [a])
        mesh.run(for: .seconds(5))
        mesh.cut(from: [a], to: [b])
        mesh.run(for: .seconds(1))
        let logOfB = EventLog(of: b, in: &mesh, capacity: 100)
        mesh.run(for: .seconds(60))
        let heardByB = logOfB.text.filter { $0.contains("  from ") }
        #expect(heardByB.isEmpty)
        let logOfA = EventLog(of: a, in: &mesh, capacity: 100)
        mesh.run(for: .seconds(30))
        let heardByA = logOfA.text.filter { $0.contains("  from ") }
        #expect(!heardByA.isEmpty)
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(mesh.status(of: b).proven == 1)
    }
}
