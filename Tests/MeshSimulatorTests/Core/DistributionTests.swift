import Testing

@testable import MeshSimulator

@Suite struct DistributionTests {
    private func sample(_ count: Int = 20_000, _ draw: (inout SeededGenerator) -> Double) -> [Double] {
        var random = SeededGenerator(seed: 7)
        return (0..<count).map { _ in draw(&random) }.sorted()
    }

    @Test func exponentialNumbers_haveTheirMeanAndMedian() {
        let drawn = sample { $0.nextExponential() }
        #expect(abs(drawn.reduce(0, +) / 20_000 - 1) < 0.03)
        #expect(abs(drawn[10_000] - 0.693) < 0.03)
        #expect(drawn.allSatisfy { $0 >= 0 })
    }

    @Test func sessions_haveTheirMedianAndALongTail() {
        let minutes = sample { $0.nextSession(median: .seconds(60)).seconds / 60 }
        #expect(abs(minutes[10_000] - 1) < 0.05)
        // Weibull of shape 0.5: one in ten is longer than (ln 10 / ln 2)² medians.
        #expect(abs(minutes[18_000] - 11.03) < 0.8)
    }

    /// Whom we meet at a random moment stays longer than a newcomer.
    @Test func remainingSessions_areThoseOfANetworkThatRunsForLong() {
        let minutes = sample { $0.nextRemainingSession(median: .seconds(60)).seconds / 60 }
        // The root is the sum of two exponential numbers, whose median is 1.678; in medians (1.678 / ln 2)².
        #expect(abs(minutes[10_000] - 5.86) < 0.25)
    }

    @Test func moments_areWithinTheirDuration() {
        let seconds = sample(1_000) { $0.nextMoment(within: .seconds(10)).seconds }
        #expect(seconds[0] >= 0 && seconds[999] < 10)
        #expect(seconds[999] > 9.5)
    }
}
