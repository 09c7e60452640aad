import MeshSimulator
import MeshTrouble
import Telehash
import Testing

/// Channels with more subscribers than their closest switches serve, in whole meshes.
@Suite struct HotChannelTests {
    private func channel(nodes: Int, tapsPerEnd: Int, seed: UInt64) -> HotChannel {
        var channel = HotChannel()
        channel.nodes = nodes
        channel.subscribers = nodes - 1
        channel.tapsPerEnd = tapsPerEnd
        channel.messages = 10
        channel.settling = .seconds(45)
        channel.seed = seed
        return channel
    }

    @Test(arguments: [2] as [UInt64])
    func subscribers_whenThereAreMoreThanTheClosestServe_allHearThroughATree(_ seed: UInt64) {
        let report = channel(nodes: 300, tapsPerEnd: 8, seed: seed).run()
        #expect(report.deliveredRatio >= 0.998, "seed \(seed)\n\(report)")
        // A speaker's eight tappers, the eight closest, three others before those answer, and repeats.
        #expect(report.largestCopies <= 24, "seed \(seed)\n\(report)")
        #expect(report.latencyP99 < .seconds(2), "seed \(seed)\n\(report)")
        #expect(report.deliveredAtHop.keys.allSatisfy { (1...4).contains($0) }, "seed \(seed)\n\(report)")
        // There is a tree: not all can have been served by the closest.
        #expect((report.subscribersAtLevel[2] ?? 0) + (report.subscribersAtLevel[3] ?? 0) > 150, "\(report)")
        #expect(report.subscribersWithParents.allSatisfy { $0.key >= 2 || $0.value <= 3 }, "\(report)")
        #expect(report.violations.isEmpty, "\(report.violations)")
    }

    /// One in ten of those who serve others dies, some of the closest switches too. Most tappers have other parents
    /// that still hear; a minute later all have.
    @Test func subscribers_whenInnerSwitchesDie_hearTheNextMessageThroughOtherParents() {
        var channel = channel(nodes: 300, tapsPerEnd: 8, seed: 3)
        channel.dyingInnerSwitches = 0.1
        channel.interval = .seconds(12)
        let report = channel.run()
        #expect(report.died >= 5, "\(report)")
        let delivered = report.deliveredByMessage
        #expect(delivered.prefix(5).allSatisfy { $0 >= 0.99 }, "\(delivered)\n\(report)")
        #expect(delivered.allSatisfy { $0 >= 0.85 }, "\(delivered)\n\(report)")
        #expect((delivered.last ?? 0) >= 0.99, "\(delivered)\n\(report)")
    }

    /// With one parent each a dead switch cuts its subtree off; forty seconds later all of it has found others.
    @Test func subscribers_whenTheirOnlyParentDies_areServedAgainWithinFortySeconds() {
        var channel = channel(nodes: 200, tapsPerEnd: 8, seed: 4)
        channel.parentsWanted = 1
        channel.loss = 0
        channel.dyingInnerSwitches = 0.2
        channel.interval = .seconds(40)
        channel.messages = 4
        let report = channel.run()
        let delivered = report.deliveredByMessage
        #expect(delivered[1] >= 0.97, "\(delivered)\n\(report)")
        withKnownIssue("before anybody died one in a hundred is sometimes without its parent", isIntermittent: true) {
            #expect(delivered[1] >= 0.99, "\(delivered)\n\(report)")
        }
        #expect(delivered[2] < 0.95, "nobody was cut off\n\(report)")
        #expect(delivered[3] >= 0.96, "\(delivered)\n\(report)")
        withKnownIssue("a few of them look for another parent for longer", isIntermittent: true) {
            #expect(delivered[3] >= 0.98, "\(delivered)\n\(report)")
        }
    }
}
